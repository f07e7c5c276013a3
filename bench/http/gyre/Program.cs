// What a server does besides saying hello, for bench/http/run.sh.
//
//     gyre-http URL HTTPS_URL ROOT PFX [--driver io_uring|epoll|sockets] [--three]
//
// --three puts three middlewares around everything: problem details, forwarded headers and an access log to /dev/null.

using System.Text.Json.Serialization;
using Gyre;
using Gyre.Files;
using Gyre.Http;
using Gyre.Http.Protocol;
using Gyre.Tls;

if (args is not [string url, string httpsUrl, string root, string pfx, ..])
{
    throw new ArgumentException("Usage: gyre-http URL HTTPS_URL ROOT PFX [--driver NAME] [--three]");
}

int driver = Array.IndexOf(args, "--driver");
byte[] chunk = new byte[64 * 1024];
var server = new HttpServer(new HttpServerOptions
{
    Tls = new TlsServerOptions { Certificate = TlsCertificate.FromPfx(pfx) },
    Limits = new HttpLimits { BodyBytesMax = long.MaxValue },
});
if (args.Contains("--three"))
{
    server.UseAccessLog(new AccessLogOptions { Sink = AccessLogSink.ToFile("/dev/null") });
    server.UseForwardedHeaders(new ForwardedHeadersOptions());
    server.UseProblemDetails();
}

server.Get("/", static context =>
{
    context.Response.Headers.Add(KnownHeader.ContentType, "text/plain"u8);
    context.Response.Send("Hello, World!"u8);
    return default;
});
server.Get("/json/{id:int}", static context =>
{
    context.Response.SendJson(new Message(context.Route.GetInt32("id"), "Hello, World!"), BenchJson.Default.Message);
    return default;
});
server.Post("/upload", static async context =>
{
    byte[] piece = new byte[16 * 1024];
    long bytes = 0;
    for (int count; (count = await context.Request.ReadBodyAsync(piece)) > 0;)
    {
        bytes += count;
    }

    context.Response.Send($"{bytes}");
});
server.Get("/download", async context =>
{
    for (int i = 0; i < 16; i++)
    {
        await context.Response.WriteAsync(chunk);
    }
});
server.Files("/static", FileRoot.Open(root));
var options = new RuntimeOptions { Driver = DriverNames.Parse(driver < 0 ? "auto" : args[driver + 1]) };
GyreRuntime.Run(
    () => server.ServeAsync(
        [HttpEndpoint.Parse(url), HttpEndpoint.Parse(httpsUrl)],
        _ => Console.WriteLine($"gyre-http: listening on {url} and {httpsUrl} with {EventLoop.Current.DriverName}")),
    options);

internal sealed record Message(int Id, string Text);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Message))]
internal sealed partial class BenchJson : JsonSerializerContext;
