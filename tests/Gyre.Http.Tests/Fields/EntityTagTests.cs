using System.Text;
using CsCheck;
using Gyre.Http.Fields;
using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Fields;

public sealed class EntityTagTests
{
    [Theory]
    [InlineData("\"a\"", false)]
    [InlineData("\"\"", false)]
    [InlineData("W/\"a\"", true)]
    [InlineData("\"a,b\\\"", false)]
    [InlineData("\"\u0080\u00ff!#~\"", false)]
    public void A_tag_is_read(string text, bool isWeak)
    {
        Assert.True(EntityTag.TryParse(Lines.Bytes(text), out EntityTag tag));
        Assert.Equal(isWeak, tag.IsWeak);
        Assert.Equal(text, tag.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("\"")]
    [InlineData("W/")]
    [InlineData("W/a")]
    [InlineData("w/\"a\"")]
    [InlineData("W/ \"a\"")]
    [InlineData("\"a b\"")]
    [InlineData("\"a\tb\"")]
    [InlineData("\"a\u007f\"")]
    [InlineData("\"a\\\"b\"")]
    [InlineData("\"a\" ")]
    [InlineData("\"a\",\"b\"")]
    [InlineData("'a'")]
    public void What_is_no_tag_is_refused(string text) => Assert.False(EntityTag.TryParse(Lines.Bytes(text), out _));

    // The table of RFC 9110 section 8.8.3.2.
    [Theory]
    [InlineData("W/\"1\"", "W/\"1\"", false, true)]
    [InlineData("W/\"1\"", "W/\"2\"", false, false)]
    [InlineData("W/\"1\"", "\"1\"", false, true)]
    [InlineData("\"1\"", "\"1\"", true, true)]
    [InlineData("\"a\"", "\"A\"", false, false)]
    public void Tags_are_compared(string one, string other, bool strong, bool weak)
    {
        Assert.True(EntityTag.TryParse(Lines.Bytes(one), out EntityTag left));
        Assert.True(EntityTag.TryParse(Lines.Bytes(other), out EntityTag right));
        Assert.Equal(strong, left.StrongEquals(right));
        Assert.Equal(strong, right.StrongEquals(left));
        Assert.Equal(weak, left.WeakEquals(right));
        Assert.Equal(weak, right.WeakEquals(left));
    }

    [Fact]
    public void No_tag_equals_none() => Assert.False(default(EntityTag).WeakEquals(default) || default(EntityTag).StrongEquals(default));

    [Theory]
    [InlineData("*", "Any")]
    [InlineData("\"a\"", "Listed")]
    [InlineData("\"x\", \"a\"", "Listed")]
    [InlineData(",, \"x\" ,\t, W/\"y\",\"a\",", "Listed")]
    [InlineData("\"x,\", \",a\"", "None")]
    [InlineData("\"a\\\", \"b\"", "None")]
    [InlineData("W/\"a\"", "None")]
    [InlineData("", "Malformed")]
    [InlineData(",", "Malformed")]
    [InlineData("a", "Malformed")]
    [InlineData("\"a\" \"b\"", "Malformed")]
    [InlineData("\"a\"\"b\"", "Malformed")]
    [InlineData("\"a\", *", "Malformed")]
    [InlineData("*, \"a\"", "Malformed")]
    [InlineData("\"a\", \"b", "Malformed")]
    [InlineData("**", "Malformed")]
    public void A_list_is_searched(string list, string expected)
    {
        Assert.True(EntityTag.TryParse("\"a\""u8, out EntityTag tag));
        Assert.Equal(expected, EntityTagList.Find(Lines.Bytes(list), tag, isStrong: true).ToString());
    }

    [Theory]
    [InlineData("\"x\"", "\"a\"", "Listed")]
    [InlineData("\"a\"", "\"x\"", "Listed")]
    [InlineData("\"x\"", "\"y\"", "None")]
    [InlineData("*", "\"a\"", "Malformed")]
    [InlineData("\"a\"", "b", "Malformed")]
    public void Several_lines_are_one_list(string first, string second, string expected)
    {
        Assert.True(EntityTag.TryParse("\"a\""u8, out EntityTag tag));
        FieldSection headers = Lines.Of(("If-Match", first), ("If-Match", second));
        Assert.Equal(expected, EntityTagList.Find(headers, KnownHeader.IfMatch, tag, isStrong: true).ToString());
    }

    [Fact]
    public void A_tag_that_was_made_is_read_and_is_strong_and_says_what_it_was_made_from() =>
        Gen.Select(Gen.Long, Gen.Long, Gen.ULong, Gen.OneOf(Gen.Const(""), Gen.Const("gzip"))).Sample(
            (length, ticks, inode, suffix) =>
            {
                byte[] bytes = new byte[EntityTag.WrittenBytesMax + (suffix.Length > 0 ? suffix.Length + 1 : 0)];
                int written = EntityTag.Write(length, ticks, inode, Encoding.ASCII.GetBytes(suffix), bytes);
                Assert.True(EntityTag.TryParse(bytes.AsSpan(0, written), out EntityTag tag));
                Assert.False(tag.IsWeak);
                Assert.Equal($"\"{length:x}-{ticks:x}-{inode:x}{(suffix.Length > 0 ? "-" : "")}{suffix}\"", tag.ToString());
            });

    [Fact]
    public void Random_bytes_never_throw_and_a_list_of_tags_contains_each() =>
        Gen.Select(Gen.Char["\"W/*,a\\ \t\u0080"].Array[0, 30], Gen.Char["a,\\!\u00ff"].Array[0, 5].Array[1, 6]).Sample(
            (noise, tags) =>
            {
                EntityTagList.Find(Lines.Bytes(new string(noise)), default, isStrong: false);
                string list = string.Join(", ", tags.Select(tag => $"\"{new string(tag)}\""));
                foreach (char[] one in tags)
                {
                    byte[] bytes = Lines.Bytes($"W/\"{new string(one)}\"");
                    Assert.True(EntityTag.TryParse(bytes, out EntityTag tag));
                    Assert.Equal(EntityTagMatch.Listed, EntityTagList.Find(Lines.Bytes(list), tag, isStrong: false));
                    Assert.Equal(EntityTagMatch.None, EntityTagList.Find(Lines.Bytes(list), tag, isStrong: true));
                }
            });
}
