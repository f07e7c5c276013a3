// The same jobs as bench/http/gyre, as an ASP.NET Core user would write them: minimal API on Kestrel, no logging.
//
//     kestrel-http URL HTTPS_URL ROOT PFX

using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

if (args is not [string url, string httpsUrl, string root, string pfx])
{
    throw new ArgumentException("Usage: kestrel-http URL HTTPS_URL ROOT PFX");
}

byte[] chunk = new byte[64 * 1024];
WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions());
builder.Logging.ClearProviders();
builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, BenchJson.Default));
builder.WebHost.UseKestrelHttpsConfiguration();
builder.WebHost.ConfigureKestrel(options =>
{
    options.AddServerHeader = false;
    options.Limits.MaxRequestBodySize = null;
    options.Listen(System.Net.IPEndPoint.Parse(new Uri(url).Authority));
    options.Listen(System.Net.IPEndPoint.Parse(new Uri(httpsUrl).Authority), listen => listen.UseHttps(X509CertificateLoader.LoadPkcs12FromFile(pfx, null)));
});

WebApplication app = builder.Build();
app.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(root), RequestPath = "/static", ServeUnknownFileTypes = true });
app.MapGet("/", () => Results.Text("Hello, World!", "text/plain"));
app.MapGet("/json/{id:int}", (int id) => new Message(id, "Hello, World!"));
app.MapPost("/upload", async (HttpContext context) =>
{
    byte[] piece = new byte[16 * 1024];
    long bytes = 0;
    for (int count; (count = await context.Request.Body.ReadAsync(piece)) > 0;)
    {
        bytes += count;
    }

    await context.Response.WriteAsync(bytes.ToString(System.Globalization.CultureInfo.InvariantCulture));
});
app.MapGet("/download", async (HttpContext context) =>
{
    for (int i = 0; i < 16; i++)
    {
        await context.Response.Body.WriteAsync(chunk);
    }
});
await app.StartAsync();
Console.WriteLine($"kestrel-http: listening on {url} and {httpsUrl}");
await app.WaitForShutdownAsync();

internal sealed record Message(int Id, string Text);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Message))]
internal sealed partial class BenchJson : JsonSerializerContext;
