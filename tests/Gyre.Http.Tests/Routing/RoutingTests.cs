using Gyre.Http.Protocol;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.Routing;

/// <summary>Routes as a client meets them.</summary>
public sealed class RoutingTests
{
    [Theory]
    [InlineData("GET", "/users/7", 200, "user 7")]
    [InlineData("POST", "/users/7", 200, "post 7")]
    [InlineData("HEAD", "/users/7", 200, "")]
    [InlineData("GET", "/users/%C3%A4%2Fb", 200, "user ä/b")]
    [InlineData("GET", "/users/me", 200, "me")]
    [InlineData("POST", "/users/me", 200, "post me")]
    [InlineData("GET", "/users//", 404, "Not found")]
    [InlineData("GET", "/users/7/", 404, "Not found")]
    [InlineData("GET", "http://a/users/7?x=/users/me", 200, "user 7")]
    [InlineData("PURGE", "/cache", 200, "purged")]
    [InlineData("purge", "/cache", 405, "The path doesn't allow this method.")]
    [InlineData("DELETE", "/any", 200, "any Delete")]
    [InlineData("OPTIONS", "/any", 200, "any Options")]
    [InlineData("UNHEARD-OF", "/any", 200, "any Other")]
    [InlineData("GET", "/%2e%2e/users/7", 400, "The path has a segment '.' or '..'; resolve it before sending the request.")]
    [InlineData("GET", "/%zz", 400, "The path has a '%' without two hexadecimal digits behind it.")]
    [InlineData("GET", "/%00", 400, "The path has an escaped control character.")]
    [InlineData("GET", "/%ff", 400, "The path isn't UTF-8 once it is decoded.")]
    public async Task A_request_finds_its_handler(string method, string target, int status, string text)
    {
        using TestServer server = await StartAsync();
        using HttpPeer peer = await server.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            Answer answer = await peer.AskAsync($"{method} {target} HTTP/1.1\r\nHost: a\r\n\r\n", method == "HEAD");

            Assert.Equal(status, answer.Status);
            Assert.Equal(text, answer.Text);
        }
    }

    [Theory]
    [InlineData("DELETE", "/", 405, "GET, HEAD, POST, OPTIONS")]
    [InlineData("OPTIONS", "/", 204, "GET, HEAD, POST, OPTIONS")]
    [InlineData("DELETE", "/users/me", 405, "GET, HEAD, POST, OPTIONS")]
    [InlineData("GET", "/cache", 405, "PURGE, OPTIONS")]
    [InlineData("OPTIONS", "/cache", 204, "PURGE, OPTIONS")]
    [InlineData("TRACE", "/many", 405, "GET, HEAD, POST, PUT, PATCH, DELETE, LINK, ZAP, OPTIONS")]
    [InlineData("OPTIONS", "/own", 200, null)]
    [InlineData("OPTIONS", "/nothing", 404, null)]
    [InlineData("OPTIONS", "*", 204, null)]
    [InlineData("HEAD", "/cache", 405, "PURGE, OPTIONS")]
    public async Task What_a_path_allows_is_told_in_one_order(string method, string target, int status, string? allow)
    {
        using TestServer server = await StartAsync();
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync($"{method} {target} HTTP/1.1\r\nHost: a\r\n\r\n", method == "HEAD");

        Assert.Equal(status, answer.Status);
        Assert.Equal(allow, answer["Allow"]);
        Assert.Equal(200, (await peer.AskAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).Status);
    }

    [Fact]
    public async Task A_tunnel_is_no_route()
    {
        using TestServer server = await StartAsync();
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal(501, (await peer.AskAsync("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n")).Status);
    }

    [Fact]
    public async Task Values_of_one_request_are_gone_in_the_next()
    {
        var seen = new List<string>();
        using TestServer server = await TestServer.StartAsync(server => server
            .Get("/a/{x}", context =>
            {
                seen.Add($"{context.Route.Count} {context.Route["x"]} {context.Route["y"] ?? "-"} {context.RouteTemplate}");
                return default;
            })
            .Get("/b", context =>
            {
                seen.Add($"{context.Route.Count} {context.Route["x"] ?? "-"} {context.RouteTemplate}");
                return default;
            })
            .Default(context =>
            {
                seen.Add($"{context.Route.Count} {context.Route["x"] ?? "-"} {context.RouteTemplate ?? "-"}");
                return default;
            }));
        using HttpPeer peer = await server.ConnectAsync();
        foreach (string path in (string[])["/a/1", "/b", "/a/2", "/a/2/3"])
        {
            await peer.AskAsync($"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
        }

        Assert.Equal(["1 1 - /a/{x}", "0 - /b", "1 2 - /a/{x}", "0 - -"], seen);
    }

    [Fact]
    public async Task Groups_put_their_middleware_around_their_routes_alone_whenever_it_was_added()
    {
        using TestServer server = await TestServer.StartAsync(server =>
        {
            server.Use(Trace("1"));
            RouteGroup outer = server.Group("/v{version:int}");
            RouteGroup inner = outer.Group("/users");
            inner.Get("", Trail).Get("/{id}", Trail).Get("/", Trail);
            outer.Get("/x", Trail);
            inner.Use(Trace("4"));
            outer.Use(Trace("3"));
            server.Use(Trace("2"));
            inner.Use(Trace("5"));
            server.Get("/x", Trail).Default(Trail);
        });
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal("1 2 3 4 5 version=1 id=7", await AskAsync("/v1/users/7"));
        Assert.Equal("1 2 3 4 5 version=1", await AskAsync("/v1/users"));
        Assert.Equal("1 2 3 4 5 version=1", await AskAsync("/v1/users/"));
        Assert.Equal("1 2 3 version=1", await AskAsync("/v1/x"));
        Assert.Equal("1 2", await AskAsync("/x"));
        Assert.Equal("1 2", await AskAsync("/vx/users/7"));

        async Task<string> AskAsync(string path) => (await peer.AskAsync($"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n")).Text;
    }

    [Fact]
    public async Task Middleware_that_answers_by_itself_lets_nothing_through()
    {
        using TestServer server = await TestServer.StartAsync(server =>
        {
            RouteGroup closed = server.Group("/closed");
            closed.Use((context, _) =>
            {
                context.Response.SendError(403);
                return default;
            });
            closed.Get("/x", Handlers.Hello);
        });
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal(403, (await peer.AskAsync("GET /closed/x HTTP/1.1\r\nHost: a\r\n\r\n")).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("a")]
    [InlineData("/a/")]
    public void A_prefix_that_would_double_a_slash_or_lack_one_is_refused(string prefix) =>
        Assert.Contains(
            $"'{prefix}' is no prefix", Assert.Throws<ArgumentException>(() => new HttpServer().Group(prefix)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_template_in_a_group_begins_with_a_slash_or_is_empty()
    {
        RouteGroup group = new HttpServer().Group("/a");

        Assert.Contains("'b' is no template", Assert.Throws<ArgumentException>(() => group.Get("b", Handlers.Hello)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => group.Get("/{*x}/y", Handlers.Hello));
    }

    [Theory]
    [InlineData("")]
    [InlineData("GE T")]
    [InlineData("GET\r\n")]
    [InlineData("GÄT")]
    public void What_is_no_method_is_refused(string method) =>
        Assert.ThrowsAny<ArgumentException>(() => new HttpServer().Map(method, "/", Handlers.Hello));

    [Theory]
    [InlineData("get", "GET")]
    [InlineData("Patch", "PATCH")]
    public void A_method_in_another_case_would_never_be_met_and_is_refused(string method, string right)
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>("method", () => new HttpServer().Group("/a").Map(method, "/", Handlers.Hello));
        Assert.Contains($"'{method}'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"compared by case: use \"{right}\"", refusal.Message, StringComparison.Ordinal);
        new HttpServer().Map("purge", "/", Handlers.Hello).Map("GET", "/", Handlers.Hello);
    }

    [Fact]
    public async Task Nothing_is_added_once_the_server_serves()
    {
        var server = new HttpServer();
        RouteGroup group = server.Group("/a");
        await InLoop.RunAsync(server, _ =>
        {
            Assert.Throws<InvalidOperationException>(() => group.Get("/", Handlers.Hello));
            Assert.Throws<InvalidOperationException>(() => group.Use(Trace("late")));
            Assert.Throws<InvalidOperationException>(() => server.Use(Trace("late")));
            Assert.Throws<InvalidOperationException>(() => server.Constraint("late", static _ => true));
            return Task.CompletedTask;
        });
    }

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(server => server
        .Get("/", Handlers.Hello).Post("/", Handlers.Hello)
        .Get("/users/{id}", context => Text(context, $"user {context.Route["id"]}"))
        .Post("/users/{id}", context => Text(context, $"post {context.Route["id"]}"))
        .Get("/users/me", context => Text(context, "me"))
        .Map("PURGE", "/cache", context => Text(context, "purged"))
        .Map("/any", context => Text(context, $"any {context.Request.Method}"))
        .Options("/own", Handlers.Hello)
        .Map("ZAP", "/many", Handlers.Hello).Delete("/many", Handlers.Hello).Map("LINK", "/many", Handlers.Hello).Patch("/many", Handlers.Hello)
        .Put("/many", Handlers.Hello).Post("/many", Handlers.Hello).Get("/many", Handlers.Hello));

    private static ValueTask Text(HttpContext context, string text)
    {
        context.Response.Send(text);
        return default;
    }

    private static HttpMiddleware Trace(string name) => (context, next) =>
    {
        context.Items["trail"] = $"{(context.Items.TryGetValue("trail", out object? trail) ? $"{trail} " : "")}{name}";
        return next(context);
    };

    private static ValueTask Trail(HttpContext context)
    {
        IEnumerable<string> values = Enumerable.Range(0, context.Route.Count).Select(context.Route.GetName).Select(name => $"{name}={context.Route[name]}");
        return Text(context, string.Join(' ', values.Prepend($"{context.Items["trail"]}")));
    }
}
