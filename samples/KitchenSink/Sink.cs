using System.Net;
using Gyre.Files;
using Gyre.Http;
using Gyre.Http.Protocol;
using Gyre.Tls;

namespace Gyre.Samples.KitchenSink;

/// <summary>Puts the server together: options, middleware, routes, endpoints.</summary>
internal static class Sink
{
    public static async Task ServeAsync(Settings settings)
    {
        DevelopmentCertificate? certificate = settings.HttpsPort is null ? null : DevelopmentCertificate.Create();
        if (certificate is not null && settings.CertificateFile is { } file)
        {
            certificate.WritePem(file);
        }

        var server = new HttpServer(OptionsOf(settings) with { Tls = certificate?.ToServerOptions() });
        AddMiddleware(server, settings);
        Routes.Add(server);
        using FileRoot? root = settings.Root is { } path ? FileRoot.Open(path) : null;
        if (root is not null)
        {
            server.Files("/static", root, new StaticFileOptions { ListsDirectories = true });
        }

        List<HttpEndpoint> endpoints = [HttpEndpoint.Parse(settings.Url) with { Name = "http" }];
        if (settings.HttpsPort is { } port)
        {
            if (port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
            {
                throw new ArgumentException($"--https-port {port} is no port: one is from 0 (any that is free) to 65535.");
            }

            endpoints.Add(new HttpEndpoint(new IPEndPoint(IPAddress.Loopback, port)) { Name = "https", IsHttps = true });
        }

        await server.ServeAsync(endpoints, bound => AnnounceReady(endpoints, bound));
    }

    private static void AddMiddleware(HttpServer server, Settings settings)
    {
        if (settings.AccessLog)
        {
            server.UseAccessLog(new AccessLogOptions());
        }

        server.UseRequestId();
        server.UseProblemDetails();
        server.UseCompression();
    }

    /// <summary>With small limits each can be reached by hand within seconds.</summary>
    private static HttpServerOptions OptionsOf(Settings settings)
    {
        var options = new HttpServerOptions { HandOverPath = settings.HandOverPath, TakesInheritedListeners = settings.TakesInheritedListeners };
        return !settings.SmallLimits ? options : options with
        {
            Limits = new HttpLimits
            {
                RequestLineBytesMax = 1024,
                HeaderBlockBytesMax = 4096,
                HeaderCountMax = 32,
                BodyBytesMax = 1_000_000,
                ChunkExtensionBytesMax = 256,
                TrailerBytesMax = 512,
            },
            HeaderTimeout = TimeSpan.FromSeconds(2),
            KeepAliveTimeout = TimeSpan.FromSeconds(3),
            BodyGrace = TimeSpan.FromSeconds(1),
            DrainBytesMax = 16 * 1024,
            LingerTimeout = TimeSpan.FromSeconds(1),
            DrainTimeout = TimeSpan.FromSeconds(2),
            RequestsPerLoopMax = 64,
        };
    }

    private static void AnnounceReady(List<HttpEndpoint> endpoints, IReadOnlyList<IPEndPoint> bound)
    {
        EventLoopGroup group = EventLoopGroup.Current;
        IEnumerable<string> addresses = endpoints.Select((endpoint, i) => $"{(endpoint.IsHttps ? "https" : "http")}://{bound[i]}");
        Console.WriteLine(
            $"Listening on {string.Join(" and ", addresses)} with {group.DriverName} ({group.DriverReason}), {group.Loops.Count} loop(s). Ctrl-C ends it.");
    }
}
