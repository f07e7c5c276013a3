using System.Text;
using CsCheck;
using Gyre.Http.Routing;

namespace Gyre.Http.Tests.Routing;

/// <summary>The rule of what a path means, which the router and the file server share.</summary>
public sealed class RequestPathTests
{
    [Theory]
    [InlineData("/", "")]
    [InlineData("/a", "a")]
    [InlineData("/a/", "a|")]
    [InlineData("//", "|")]
    [InlineData("//a///b/", "|a|||b|")]
    [InlineData("/a%20b", "a b")]
    [InlineData("/%61", "a")]
    [InlineData("/a%2Fb", "a/b")]
    [InlineData("/a%2fb/c", "a/b|c")]
    [InlineData("/a%5Cb", @"a\b")]
    [InlineData("/%252F", "%2F")]
    [InlineData("/%252e%252e", "%2e%2e")]
    [InlineData("/%25", "%")]
    [InlineData("/%C3%A4", "ä")]
    [InlineData("/%F0%9F%98%80", "😀")]
    [InlineData("/...", "...")]
    [InlineData("/.a/a./..a", ".a|a.|..a")]
    [InlineData("/..%2F..", "../..")]
    [InlineData("/a;b=c", "a;b=c")]
    [InlineData("/~%7E", "~~")]
    [InlineData("/a+b", "a+b")]
    public void A_path_is_parted_at_its_slashes_and_decoded_once(string raw, string segments)
    {
        var path = new RequestPath();

        Assert.Equal(PathFault.None, path.Parse(Encoding.ASCII.GetBytes(raw)));

        Assert.Equal(segments, string.Join('|', Enumerable.Range(0, path.Count).Select(i => Encoding.UTF8.GetString(path[i]))));
    }

    public static TheoryData<string, string> Refused
    {
        get
        {
            TheoryData<string, string> rows = [];
            foreach (string text in (string[])["%", "%2", "a%2", "%g0", "%0g", "%%41", "%-1", "%+1", "% 1", "%2/F", "%u0041", "%0x"])
            {
                rows.Add(nameof(PathFault.EscapeInvalid), "/" + text);
            }

            foreach (string text in (string[])["%00", "a%00b", "%01", "%09", "%0A", "%0d", "%1F", "%7f", "a/%00"])
            {
                rows.Add(nameof(PathFault.ControlByte), "/" + text);
            }

            foreach (string text in (string[])[".", "..", "a/..", "../a", "a/../b", "./", "%2e", "%2E%2e", ".%2e", "%2e.", "a/%2e%2E/b"])
            {
                rows.Add(nameof(PathFault.DotSegment), "/" + text);
            }

            // Alone, cut, overlong (of '/', '.' and NUL), surrogates, beyond U+10FFFF, and bytes that never occur.
            foreach (string text in (string[])["%80", "%C3", "%C3%28", "%C0%AF", "%C0%AE%C0%AE", "%C0%80", "%E0%80%AF", "%F0%80%80%AF",
                "%ED%A0%80", "%F4%90%80%80", "%FE", "%FF", "a%E4", "%C3/%A4"])
            {
                rows.Add(nameof(PathFault.NotUtf8), "/" + text);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_servers_have_read_in_two_ways_is_refused(string faultName, string raw)
    {
        PathFault fault = Enum.Parse<PathFault>(faultName);

        Assert.Equal(fault, new RequestPath().Parse(Encoding.ASCII.GetBytes(raw)));

        Assert.EndsWith(".", RequestPath.Explain(fault), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/a", false, false)]
    [InlineData("/a%2Fb", true, false)]
    [InlineData("/a%5cb", true, false)]
    [InlineData(@"/a\b", true, false)]
    [InlineData("/a//b", false, true)]
    [InlineData("//", false, true)]
    [InlineData("/a/", false, false)]
    public void What_a_path_of_a_file_must_not_have_is_told(string raw, bool hasSlash, bool hasEmpty)
    {
        var path = new RequestPath();
        path.Parse(Encoding.ASCII.GetBytes(raw));

        Assert.Equal(hasSlash, path.HasEscapedSlash(0));
        Assert.Equal(hasEmpty, path.HasEmptySegment(0));
        Assert.False(path.HasEscapedSlash(path.Count));
        Assert.False(path.HasEmptySegment(path.Count));
    }

    /// <summary>Whatever the escaping, the segments are what they were: nothing is decoded twice, and no slash is made.</summary>
    [Fact]
    public void Escaping_changes_nothing() =>
        Gen.Select(Gen.Char['!', '~'].Where(static c => c != '/').Array[1, 8].Select(static c => new string(c)).Array[1, 5], Gen.Bool.Array[40]).Sample(
            static (segments, escaped) =>
            {
                int at = 0;
                string raw = string.Concat(segments.Select(segment => "/" + string.Concat(segment.Select(
                    c => escaped[at++ % 40] || c == '%' ? $"%{(int)c:X2}" : $"{c}"))));
                var path = new RequestPath();
                PathFault fault = path.Parse(Encoding.ASCII.GetBytes(raw));
                if (segments.Any(static segment => segment is "." or ".."))
                {
                    Assert.Equal(PathFault.DotSegment, fault);
                    return;
                }

                Assert.Equal(PathFault.None, fault);
                Assert.Equal(segments, Enumerable.Range(0, path.Count).Select(i => Encoding.UTF8.GetString(path[i])));
            });

    [Fact]
    public void A_large_path_gives_its_memory_back_and_leaves_nothing_to_the_next()
    {
        var path = new RequestPath();
        Assert.Equal(PathFault.None, path.Parse(Encoding.ASCII.GetBytes(new string('/', 8000))));
        Assert.Equal(8000, path.Count);
        path.ShrinkIfLarge();
        Assert.Equal(0, path.Count);

        Assert.Equal(PathFault.None, path.Parse("/a"u8));

        Assert.Equal("/a", Encoding.UTF8.GetString(path.Decoded));
    }
}
