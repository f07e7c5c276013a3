using System.Text;
using CsCheck;
using Gyre.Http.Routing;

namespace Gyre.Http.Tests.Routing;

public sealed class RouteConstraintsTests
{
    [Theory]
    [InlineData("int", "0 -1 +7 2147483647 -2147483648 007", "2147483648 -2147483649 1.0 a 1a 0x1 1e3 1_0 ٣ 1,0")]
    [InlineData("long", "0 9223372036854775807 -9223372036854775808", "9223372036854775808 1.0 a")]
    [InlineData("guid", "6F9619FF-8B86-D011-B42D-00C04FC964FF 6f9619ff8b86d011b42d00c04fc964ff", "6F9619FF 6F9619FF-8B86-D011-B42D-00C04FC964FG")]
    [InlineData("alpha", "a Z abcXYZ", "a1 1 ä a-b _")]
    [InlineData("bool", "true False TRUE", "yes 1 truex tru")]
    [InlineData("decimal", "1 -1.5 .5 79228162514264337593543950335", "1e3 a 1,5 79228162514264337593543950336")]
    [InlineData("min(3)", "3 4 9223372036854775807", "2 -3 a 3a 9223372036854775808")]
    [InlineData("max(3)", "3 -4", "4 a 3.0")]
    [InlineData("range(-1,1)", "-1 0 1", "-2 2 a")]
    [InlineData("range( 1 , 2 )", "1 2", "0 3")]
    [InlineData("length(2)", "ab ää 12", "a abc")]
    [InlineData("length(1,2)", "a ab", "abc")]
    [InlineData("minlength(2)", "ab abcdef", "a ä")]
    [InlineData("maxlength(2)", "a ab ää", "abc")]
    [InlineData("regex(^a+$)", "a aaa", "b ab")]
    [InlineData("regex(b)", "abc b", "ac")]
    [InlineData(@"regex(^\d{2}(:\d+)?$)", "12 12:3", "1 12: 123")]
    public void Each_takes_what_it_names(string constraint, string good, string bad)
    {
        RouteConstraint found = new RouteConstraints().Get(constraint, "/");

        Assert.All(good.Split(' '), value => Assert.True(found(Encoding.UTF8.GetBytes(value)), value));
        Assert.All(bad.Split(' '), value => Assert.False(found(Encoding.UTF8.GetBytes(value)), value));
    }

    /// <summary>Backtracking would need 2^n steps; the answer comes in the time of a test or never.</summary>
    [Fact]
    public void A_pattern_takes_linear_time_whatever_was_sent()
    {
        RouteConstraint found = new RouteConstraints().Get("regex(^(a+)+$)", "/");

        Assert.False(found(Encoding.UTF8.GetBytes(new string('a', 8000) + "!")));
        Assert.True(found(Encoding.UTF8.GetBytes(new string('a', 8000))));
    }

    [Fact]
    public void What_int_and_long_take_can_be_read_as_such() =>
        Gen.OneOf(
            Gen.Int.Select(static i => $"{i}"),
            Gen.Long.Select(static i => $"{i}"),
            Gen.Char["+-0123456789 ,aE"].Array[1, 6].Select(static c => new string(c))).Sample(static text =>
            {
                string path = "/" + text.Replace(" ", "%20", StringComparison.Ordinal);
                if (new Routes().Add("/{x:int}") is { } ints && ints.Find(path) is not null)
                {
                    Assert.Equal(int.Parse(text, System.Globalization.CultureInfo.InvariantCulture), ints.Search.Values.GetInt32("x"));
                }

                if (new Routes().Add("/{x:long}") is { } longs && longs.Find(path) is not null)
                {
                    Assert.Equal(long.Parse(text, System.Globalization.CultureInfo.InvariantCulture), longs.Search.Values.GetInt64("x"));
                }
            });

    [Fact]
    public void One_of_a_programs_own_is_named_like_the_others()
    {
        var routes = new Routes();
        routes.Constraints.Add("even", static value => (value[^1] & 1) == 0);
        routes.Add("/{x:int:even}").Add("/{x}");

        Assert.Equal("/{x:int:even}", routes.Find("/12"));
        Assert.Equal("/{x}", routes.Find("/13"));
        Assert.Equal("/{x}", routes.Find("/b"));
        Assert.Contains("write even.", Assert.Throws<ArgumentException>(() => routes.Add("/{x:even(2)}")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a(")]
    [InlineData("int")]
    [InlineData("regex")]
    [InlineData("min")]
    public void A_name_that_cant_be_or_is_taken_is_refused_and_changes_nothing(string name)
    {
        var constraints = new RouteConstraints();

        ArgumentException refusal = Assert.Throws<ArgumentException>(() => constraints.Add(name, static _ => false));

        Assert.Contains($"'{name}'", refusal.Message, StringComparison.Ordinal);
        Assert.True(constraints.Get("int", "/")("5"u8));
    }
}
