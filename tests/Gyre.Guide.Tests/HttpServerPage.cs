using System.Net;
using System.Text;
using Gyre.Http;
using Gyre.Net;

namespace Gyre.Guide.Tests;

public sealed class HttpServerPage() : GuidePage("http-server.md")
{
    [Fact]
    public void Hello() => Run("hello", async () =>
    {
        // <hello>
        var server = new HttpServer();
        server.Get("/", context =>
        {
            context.Response.Send("Hello, World!");
            return default;
        });

        await TaskGroup.RunAsync(async group =>
        {
            var ready = new Future<IPEndPoint>("the address");
            group.Spawn(() => server.ServeAsync("http://127.0.0.1:0", ready.SetResult));

            using var client = new HttpClient { BaseAddress = new Uri($"http://{await ready}") };
            Console.WriteLine(await client.GetStringAsync("/"));
            group.Cancel();
        });
        // </hello>
    });

    [Fact]
    public void Routes() => Run("routes", async () =>
    {
        // <routes>
        ValueTask Show(HttpContext context)
        {
            IEnumerable<string> values = Enumerable.Range(0, context.Route.Count)
                .Select(context.Route.GetName).Select(name => $" {name}={context.Route[name]}");
            context.Response.Send($"{context.RouteTemplate}{string.Concat(values)}");
            return default;
        }

        var server = new HttpServer();
        server.Constraint("even", value => (value[^1] & 1) == 0);
        server.Get("/files/{*path}", Show).Get("/page/{name?}", Show).Get("/v{version:range(1,9)}/x", Show)
            .Get("/users/{name}", Show).Get("/users/{id:int}", Show).Get("/users/{id:int:even}", Show).Get("/users/me", Show);
        await ServeAsync(server, async client =>
        {
            foreach (string path in new[]
                { "/users/me", "/users/8", "/users/7", "/users/7a", "/users/a%2Fb", "/v2/x", "/page", "/page/3", "/files", "/files/a/b%20c" })
            {
                Console.WriteLine($"{path,-15} {await client.GetStringAsync(path)}");
            }
        });
        // </routes>
    });

    [Fact]
    public void Groups() => Run("groups", async () =>
    {
        // <groups>
        var server = new HttpServer();
        server.Use(async (context, next) =>
        {
            await next(context);
            Console.WriteLine($"{context.Request} -> {context.Response.StatusCode}");
        });

        RouteGroup api = server.Group("/api");
        api.Use((context, next) =>
        {
            if (context.Request.GetHeader("X-Key") == "secret")
            {
                return next(context);
            }

            context.Response.SendError(401, "Send the key.");
            return default;
        });
        RouteGroup users = api.Group("/users");
        users.Get("/{id}", context =>
        {
            context.Response.Send($"user {context.Route["id"]}");
            return default;
        });

        await ServeAsync(server, async client =>
        {
            await client.GetAsync("/api/users/7");
            client.DefaultRequestHeaders.Add("X-Key", "secret");
            await client.GetAsync("/api/users/7");
            await client.DeleteAsync("/api/users/7");
            await client.GetAsync("/elsewhere");
        });
        // </groups>
    });

    [Fact]
    public void Disconnect() => Run("disconnect", async () =>
    {
        // <disconnect>
        var inside = new Future("the handler runs");
        var cleanedUp = new Future("the handler has cleaned up");
        var server = new HttpServer();
        server.Get("/", async context =>
        {
            try
            {
                inside.SetResult();
                await Coroutine.SleepAsync(TimeSpan.FromHours(1));
            }
            catch (OperationCanceledException)
            {
                Console.WriteLine($"the client left: {context.IsAborted}");
                await CancelScope.RunAsync(async scope =>
                {
                    scope.Shield = true;
                    await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
                    Console.WriteLine("cleaned up");
                });
                cleanedUp.SetResult();
                throw;
            }
        });

        await ServeAsync(server, async client =>
        {
            TcpConnection connection = await TcpConnection.ConnectAsync(IPEndPoint.Parse(client.BaseAddress!.Authority));
            await connection.Output.WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"));
            await inside;
            await connection.DisposeAsync();
            await cleanedUp;
        });
        // </disconnect>
    });

    [Fact]
    public void Beside() => Run("beside", async () =>
    {
        // <beside>
        async Task RepeatAsync(Func<Task> job)
        {
            while (true)
            {
                try
                {
                    await job();
                }
                catch (Exception failure) when (!CancelScope.CurrentToken.IsCancellationRequested)
                {
                    Console.WriteLine($"the job failed: {failure.Message}");
                }

                await Coroutine.SleepAsync(TimeSpan.FromMinutes(10));
            }
        }

        var server = new HttpServer();
        server.Get("/", context =>
        {
            context.Response.Send("still serving");
            return default;
        });
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(() => RepeatAsync(() => throw new IOException("the disk is full")), "tidying up");
            await ServeAsync(server, async client => Console.WriteLine(await client.GetStringAsync("/")));
            group.Cancel();
        });
        // </beside>
    });

    [Fact]
    public void Drain() => Run("drain", async () =>
    {
        // <drain>
        var inside = new Future("the handler runs");
        var told = new Future("the server was told to end");
        var server = new HttpServer();
        server.Get("/slow", async context =>
        {
            inside.SetResult();
            await told;
            context.Response.Send($"finished, ready: {server.IsReady}");
        });

        await TaskGroup.RunAsync(async group =>
        {
            var ready = new Future<IPEndPoint>("the address");
            CancelScope? serving = null;
            group.Spawn(() => CancelScope.RunAsync(scope =>
            {
                serving = scope;
                return server.ServeAsync("http://127.0.0.1:0", ready.SetResult);
            }));

            using var client = new HttpClient { BaseAddress = new Uri($"http://{await ready}") };
            Task<string> request = client.GetStringAsync("/slow");
            await inside;
            serving!.Cancel("a new version takes over");
            told.SetResult();
            Console.WriteLine(await request);
        });
        // </drain>
    });

    private static Task ServeAsync(HttpServer server, Func<HttpClient, Task> use) => TaskGroup.RunAsync(async group =>
    {
        var ready = new Future<IPEndPoint>("the address");
        group.Spawn(() => server.ServeAsync("http://127.0.0.1:0", ready.SetResult));
        using var client = new HttpClient { BaseAddress = new Uri($"http://{await ready}") };
        await use(client);
        group.Cancel();
    });
}
