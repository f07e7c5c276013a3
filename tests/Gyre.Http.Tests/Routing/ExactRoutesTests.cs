using System.Text;
using Gyre.Http.Protocol;
using Gyre.Http.Routing;

namespace Gyre.Http.Tests.Routing;

public sealed class ExactRoutesTests
{
    private static readonly HttpHandler First = static _ => default;
    private static readonly HttpHandler Second = static _ => default;

    [Theory]
    [InlineData("")]
    [InlineData("path")]
    [InlineData("*")]
    [InlineData("/with space")]
    [InlineData("/with?query")]
    [InlineData("/with#fragment")]
    [InlineData("/tab\t")]
    [InlineData("/line\r\n")]
    [InlineData("/delete\u007f")]
    [InlineData("/ü")]
    public void A_path_that_no_request_can_have_is_refused(string path)
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => new ExactRoutes().Add(path, First, readOnly: true));

        Assert.StartsWith($"'{path}' is no path of a route: it must begin with '/'", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_second_handler_for_the_same_is_refused(bool readOnly)
    {
        var routes = new ExactRoutes();
        routes.Add("/a", First, readOnly);

        ArgumentException refusal = Assert.Throws<ArgumentException>(() => routes.Add("/a", Second, readOnly));

        Assert.StartsWith("The path '/a' has a handler already.", refusal.Message, StringComparison.Ordinal);
        routes.Add("/a", Second, !readOnly);
    }

    [Theory]
    [InlineData("/a", true)]
    [InlineData("/A", false)]
    [InlineData("/a/", false)]
    [InlineData("/%61", false)]
    [InlineData("//a", false)]
    [InlineData("/", false)]
    [InlineData("", false)]
    [InlineData("/a\u00e9", false)]
    public void Bytes_are_compared_as_they_are(string path, bool found)
    {
        var routes = new ExactRoutes();
        routes.Add("/a", First, readOnly: false);

        Assert.Equal(found, routes.TryFind(Encoding.Latin1.GetBytes(path), RequestMethod.Get, out HttpHandler? handler));
        Assert.Equal(found ? First : null, handler);
    }

    [Theory]
    [InlineData(RequestMethod.Get, true)]
    [InlineData(RequestMethod.Head, true)]
    [InlineData(RequestMethod.Post, false)]
    [InlineData(RequestMethod.Options, false)]
    [InlineData(RequestMethod.Other, false)]
    public void A_route_for_reading_takes_reads_alone(RequestMethod method, bool taken)
    {
        var routes = new ExactRoutes();
        routes.Add("/read", First, readOnly: true);
        routes.Add("/both", First, readOnly: true);
        routes.Add("/both", Second, readOnly: false);

        Assert.Equal(taken, routes.TryFind("/read"u8, method, out _));
        Assert.True(routes.TryFind("/both"u8, method, out HttpHandler? handler));
        Assert.Equal(taken ? First : Second, handler);
    }

    [Fact]
    public void Many_routes_are_told_apart()
    {
        var routes = new ExactRoutes();
        var handlers = Enumerable.Range(0, 5000).Select(i => new HttpHandler(_ => new ValueTask(Task.FromResult(i)))).ToArray();
        for (int i = 0; i < handlers.Length; i++)
        {
            routes.Add($"/{i:x}", handlers[i], readOnly: true);
        }

        for (int i = 0; i < handlers.Length; i++)
        {
            Assert.True(routes.TryFind(Encoding.ASCII.GetBytes($"/{i:x}"), RequestMethod.Get, out HttpHandler? handler));
            Assert.Same(handlers[i], handler);
        }
    }
}
