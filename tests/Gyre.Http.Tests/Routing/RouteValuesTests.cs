using System.Text;

namespace Gyre.Http.Tests.Routing;

public sealed class RouteValuesTests
{
    [Fact]
    public void Values_are_found_by_name_and_by_place()
    {
        Routes routes = new Routes().Add("/{a}/x{b}y/{*c}");
        routes.Find("/1/x%C3%A4y/p/q");
        RouteValues values = routes.Search.Values;

        Assert.Equal(3, values.Count);
        Assert.Equal("1", values["a"]);
        Assert.Equal("ä", values["b"]);
        Assert.Equal("p/q", values["c"]);
        Assert.Null(values["A"]);
        Assert.Null(values["d"]);
        Assert.Equal("b", values.GetName(1));
        Assert.Equal("p/q", Encoding.UTF8.GetString(values.GetValue(2)));
        Assert.False(values.TryGetValue("d", out ReadOnlySpan<byte> none));
        Assert.True(none.IsEmpty);
        Assert.Throws<ArgumentOutOfRangeException>(() => values.GetName(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => values.GetName(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => values.GetValue(3).Length);
    }

    [Theory]
    [InlineData("/x", "The parameter 'a' is 'x', which is no whole number; constrain it with {a:long}.")]
    [InlineData("/1.5", "The parameter 'a' is '1.5', which is no whole number; constrain it with {a:long}.")]
    [InlineData("/", "The request's path has no value for a parameter 'a'; the template names the parameters.")]
    public void A_value_that_is_no_number_says_so(string path, string message)
    {
        Routes routes = new Routes().Add("/{a?}").Add("/", "POST").Add("/{*all}");
        routes.Find(path);

        Assert.Equal(message, Assert.Throws<InvalidOperationException>(() => routes.Search.Values.GetInt64("a")).Message);
    }

    [Fact]
    public void A_number_of_more_than_32_bits_isnt_cut()
    {
        Routes routes = new Routes().Add("/{a}");
        routes.Find("/4294967297");

        Assert.Equal(
            "The parameter 'a' is '4294967297', which has more than 32 bits; constrain it with {a:int}.",
            Assert.Throws<OverflowException>(() => routes.Search.Values.GetInt32("a")).Message);
        Assert.Equal(4294967297, routes.Search.Values.GetInt64("a"));
    }

    [Fact]
    public void A_guid_is_read_as_such()
    {
        Routes routes = new Routes().Add("/{a}");
        routes.Find("/6F9619FF-8B86-D011-B42D-00C04FC964FF");
        Assert.Equal(new Guid("6F9619FF-8B86-D011-B42D-00C04FC964FF"), routes.Search.Values.GetGuid("a"));
        routes.Find("/7");
        Assert.Contains("{a:guid}", Assert.Throws<InvalidOperationException>(() => routes.Search.Values.GetGuid("a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_values_than_usual_have_room()
    {
        Routes routes = new Routes().Add(string.Concat(Enumerable.Range(0, 40).Select(static i => $"/{{p{i}}}")));
        routes.Find(string.Concat(Enumerable.Range(0, 40).Select(static i => $"/{i}")));

        Assert.Equal(40, routes.Search.Values.Count);
        Assert.Equal(39, routes.Search.Values.GetInt32("p39"));
    }
}
