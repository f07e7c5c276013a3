using System.Net;
using Gyre.Http;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gyre.Guide.Tests;

public sealed class HttpMiddlewarePage() : GuidePage("http-middleware.md")
{
    private static readonly HttpServerOptions s_options = new() { DrainTimeout = TimeSpan.Zero, Logger = NullLogger.Instance };

    [Fact]
    public void Order() => Run("order", async () =>
    {
        using var log = new MemoryStream();

        // <order>
        var app = new HttpServer(s_options);
        app.UseAccessLog(new AccessLogOptions { Sink = AccessLogSink.ToStream(log) })
            .UseForwardedHeaders()
            .UseRequestId()
            .UseSecurityHeaders()
            .UseProblemDetails()
            .UseCompression()
            .UseRateLimit(new RateLimitOptions { Requests = 100 })
            .UseTimeout(TimeSpan.FromSeconds(30));

        RouteGroup orders = app.Group("/orders").UseConcurrencyLimit(max: 20, queueMax: 100);
        orders.Get("/{id:int}", context =>
        {
            context.Response.Send($"order {context.Route.GetInt32("id")}");
            return default;
        });
        orders.Get("/{id:int}/invoice", _ => throw new HttpException(409, "It was paid already."));
        // </order>

        await Ask(app, "/orders/7", "/orders/7/invoice", "/nothing");
        Console.WriteLine($"{System.Text.Encoding.ASCII.GetString(log.ToArray()).Count(static c => c == '\n')} lines in the log");
    });

    [Fact]
    public void Health() => Run("health", async () =>
    {
        // <health>
        var app = new HttpServer(s_options);
        app.MapHealth("/health");
        app.MapReady("/ready", new HealthCheck("database", async () =>
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
            return false;
        }));
        // </health>

        await Ask(app, "/health", "/ready");
    });

    [Fact]
    public void Cookies() => Run("cookies", async () =>
    {
        IDataProtectionProvider keys = new EphemeralDataProtectionProvider();

        // <cookies>
        var cookies = new SignedCookies(keys);
        var app = new HttpServer(s_options);
        app.Get("/login", context =>
        {
            cookies.Append(context, "user", "42", TimeSpan.FromHours(8));
            context.Response.Send("welcome");
            return default;
        });
        app.Get("/", context =>
        {
            context.Response.Send(cookies.TryRead(context, "user", out string? user) ? $"user {user}" : "a stranger");
            return default;
        });
        // </cookies>

        await Ask(app, "/", "/login", "/");
    });

    [Fact]
    public void Forms() => Run("antiforgery", async () =>
    {
        IDataProtectionProvider keys = new EphemeralDataProtectionProvider();

        // <antiforgery>
        var antiforgery = new Antiforgery(new AntiforgeryOptions { Provider = keys });
        var app = new HttpServer(s_options);
        RouteGroup pages = app.Group("/pages").UseAntiforgery(antiforgery);
        pages.Get("/form", context =>
        {
            context.Response.Send($"<meta name=csrf content={antiforgery.IssueToken(context)}>");
            return default;
        });
        pages.Map("/order", context =>
        {
            context.Response.Send("ordered");
            return default;
        });
        // </antiforgery>

        await Ask(app, "/pages/form", "POST /pages/order");
    });

    /// <summary>Serves while it asks, as one client that keeps cookies, and prints statuses and bodies.</summary>
    private async Task Ask(HttpServer app, params string[] targets) => await TaskGroup.RunAsync(async group =>
    {
        var ready = new TaskCompletionSource<IPEndPoint>();
        group.Spawn(() => app.ServeAsync("http://127.0.0.1:0", ready.SetResult));
        IPEndPoint endPoint = await ready.Task;
        using var client = new HttpClient { BaseAddress = new Uri($"http://{endPoint}") };
        foreach (string target in targets)
        {
            string[] parts = target.Split(' ');
            using var request = new HttpRequestMessage(new HttpMethod(parts.Length > 1 ? parts[0] : "GET"), parts[^1]);
            using HttpResponseMessage response = await client.SendAsync(request);
            string body = await response.Content.ReadAsStringAsync();
            Console.WriteLine($"{(int)response.StatusCode} {Shorten(body)}");
        }

        group.Cancel("everything was asked");
    });

    /// <summary>Without what differs from run to run.</summary>
    private static string Shorten(string body) => body[0] switch
    {
        '{' => body[..body.IndexOf(",\"requestId", StringComparison.Ordinal)] + "…}",
        '<' => body[..(body.IndexOf("content=", StringComparison.Ordinal) + "content=".Length)] + "…",
        _ => body,
    };
}
