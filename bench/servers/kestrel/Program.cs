// The fastest honest Kestrel: one middleware, no routing, no logging, no Server header, and the answer's bytes ready made.
//
// --inline runs the application on the thread that found the socket ready instead of handing it to the thread pool. It
// needs DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1 in the environment as well, which run.sh sets.

using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

string url = args.FirstOrDefault(arg => arg.StartsWith("http://", StringComparison.Ordinal))
    ?? throw new ArgumentException("Usage: kestrel http://ADDRESS:PORT [--inline]");
bool inline = args.Contains("--inline");
byte[] body = "Hello, World!"u8.ToArray();

WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.Logging.ClearProviders();
builder.WebHost.UseKestrelCore().UseUrls(url).ConfigureKestrel(options => options.AddServerHeader = false);
if (inline)
{
    builder.Services.Configure<SocketTransportOptions>(options => options.UnsafePreferInlineScheduling = true);
}

WebApplication app = builder.Build();
app.Run(context =>
{
    HttpResponse response = context.Response;
    response.StatusCode = StatusCodes.Status200OK;
    response.ContentType = "text/plain";
    response.ContentLength = body.Length;
    return response.Body.WriteAsync(body, 0, body.Length);
});
await app.StartAsync();
Console.WriteLine($"kestrel: listening on {url}, inline: {inline}");
await app.WaitForShutdownAsync();
