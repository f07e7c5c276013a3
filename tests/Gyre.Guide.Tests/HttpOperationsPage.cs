using System.Net;
using Gyre.Http;
using Gyre.Net;
using Gyre.Tls;
using Microsoft.Extensions.Logging;

namespace Gyre.Guide.Tests;

public sealed class HttpOperationsPage() : GuidePage("http-operations.md")
{
    [Fact]
    public void Https() => Run("https", async () =>
    {
        // <https>
        DevelopmentCertificate certificate = DevelopmentCertificate.Create();
        HttpServer server = new HttpServer(new HttpServerOptions { Tls = certificate.ToServerOptions() }).Get("/", context =>
        {
            context.Response.Send($"{context.Request.Method} over {context.Request.Scheme}");
            return default;
        });

        await TaskGroup.RunAsync(async group =>
        {
            var ready = new Future<IPEndPoint>();
            group.Spawn(() => server.ServeAsync("https://127.0.0.1:0", ready.SetResult));
            IPEndPoint address = await ready;

            using var client = new HttpClient(new SocketsHttpHandler
            {
                SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => certificate.Certificate.Equals(shown) },
            });
            Console.WriteLine(await client.GetStringAsync($"https://localhost:{address.Port}/"));
            group.Cancel();
        });
        // </https>
    });

    [Fact]
    public void Proxy() => Run("proxy", async () =>
    {
        // <proxy>
        HttpServer server = new HttpServer().Get("/", context =>
        {
            context.Response.Send($"{context.Request.RemoteEndPoint?.Address} by {context.Request.PeerEndPoint?.Address}");
            return default;
        });
        var endpoint = new HttpEndpoint(new IPEndPoint(IPAddress.Loopback, 0)) { ProxyProtocolFrom = [IPNetwork.Parse("127.0.0.0/8")] };

        await TaskGroup.RunAsync(async group =>
        {
            var ready = new Future<IPEndPoint>();
            group.Spawn(() => server.ServeAsync(endpoint, ready.SetResult));
            await using TcpConnection proxy = await TcpConnection.ConnectAsync(await ready);
            await proxy.Output.WriteAsync("PROXY TCP4 192.0.2.7 198.51.100.1 40000 80\r\nGET / HTTP/1.0\r\n\r\n"u8.ToArray());

            using var answer = new StreamReader(proxy.AsStream());
            Console.WriteLine((await answer.ReadToEndAsync()).Split('\n')[^1]);
            group.Cancel();
        });
        // </proxy>
    });

    [Fact]
    public void Logger() => Run("logger", async () =>
    {
        // <logger>
        var server = new HttpServer(new HttpServerOptions { Logger = new PrintingLogger(Console.WriteLine) });
        server.Get("/", _ => throw new InvalidOperationException("the disk is full"));

        await TaskGroup.RunAsync(async group =>
        {
            var ready = new Future<IPEndPoint>();
            group.Spawn(() => server.ServeAsync("http://127.0.0.1:0", ready.SetResult));
            IPEndPoint address = await ready;
            using var client = new HttpClient();
            Console.WriteLine((int)(await client.GetAsync($"http://{address}/")).StatusCode);
            group.Cancel();
        });
        // </logger>
    });

    /// <summary>The smallest logger that shows something.</summary>
    private sealed class PrintingLogger(Action<string> print) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                print($"{eventId.Id} {logLevel}: {formatter(state, exception)}: {exception?.Message}");
            }
        }
    }
}
