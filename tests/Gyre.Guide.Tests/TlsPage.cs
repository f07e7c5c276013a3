using System.IO.Pipelines;
using System.Net;
using System.Text;
using Gyre.Http;
using Gyre.Net;
using Gyre.Tls;

namespace Gyre.Guide.Tests;

public sealed class TlsPage() : GuidePage("tls.md")
{
    [Fact]
    public void Echo() => Run("echo", async () =>
    {
        // <echo>
        DevelopmentCertificate certificate = DevelopmentCertificate.Create();
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));

        async Task Serve()
        {
            TcpConnection accepted = await listener.AcceptAsync();
            await using TlsConnection server = await TlsConnection.AuthenticateAsServerAsync(accepted, certificate.ToServerOptions());
            await server.Input.CopyToAsync(server.Output);
        }

        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(Serve);
            TcpConnection connected = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
            await using TlsConnection client = await TlsConnection.AuthenticateAsClientAsync(connected, certificate.ToClientOptions());
            Console.WriteLine(client.Protocol);

            await client.Output.WriteAsync("hello"u8.ToArray());
            await client.ShutdownAsync();
            using var reader = new StreamReader(client.AsStream());
            Console.WriteLine(await reader.ReadToEndAsync());
        });
        // </echo>
    });

    [Fact]
    public void Https() => Run("https", async () =>
    {
        string folder = Directory.CreateTempSubdirectory("gyre-guide").FullName;
        string certificatePath = Path.Combine(folder, "cert.pem");
        string keyPath = Path.Combine(folder, "key.pem");
        DevelopmentCertificate.Create().WritePem(certificatePath, keyPath);
        // <https>
        var tls = new TlsServerOptions { Certificate = TlsCertificate.FromPemFiles(certificatePath, keyPath) };
        HttpEndpoint endpoint = HttpEndpoint.Parse("https://127.0.0.1:0") with { Tls = tls };
        await TaskGroup.RunAsync(group =>
        {
            group.Spawn(() => new HttpServer().ServeAsync(endpoint, _ =>
            {
                Console.WriteLine("https is served");
                group.Cancel();
            }));
            return Task.CompletedTask;
        });
        // </https>
        Directory.Delete(folder, recursive: true);
    });

    [Fact]
    public void Hosts() => Run("hosts", async () =>
    {
        // <hosts>
        DevelopmentCertificate shop = DevelopmentCertificate.Create("shop.example.org");
        DevelopmentCertificate others = DevelopmentCertificate.Create("*.example.org");
        var options = new TlsServerOptions
        {
            Certificates = new Dictionary<string, TlsCertificateSource>
            {
                ["shop.example.org"] = shop,
                ["*.example.org"] = others,
            },
        };

        async Task<string> Call(string host, DevelopmentCertificate trusted)
        {
            await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
            TlsConnection? client = null;
            await TaskGroup.RunAsync(async group =>
            {
                group.Spawn(async () => await TlsConnection.AuthenticateAsServerAsync(await listener.AcceptAsync(), options));
                client = await TlsConnection.AuthenticateAsClientAsync(
                    await TcpConnection.ConnectAsync(listener.LocalEndPoint), trusted.ToClientOptions(host));
            });
            return client!.RemoteCertificate!.Equals(shop.Certificate) ? "the shop's own" : "the wildcard's";
        }

        Console.WriteLine(await Call("shop.example.org", shop));
        Console.WriteLine(await Call("blog.example.org", others));
        // </hosts>
    });

    [Fact]
    public void Reload() => Run("reload", () =>
    {
        string folder = Directory.CreateTempSubdirectory("gyre-guide").FullName;
        string certificatePath = Path.Combine(folder, "cert.pem");
        string keyPath = Path.Combine(folder, "key.pem");
        DevelopmentCertificate.Create().WritePem(certificatePath, keyPath);
        // <reload>
        ReloadableCertificate certificate = ReloadableCertificate.FromPemFiles(certificatePath, keyPath);
        certificate.CheckInterval = TimeSpan.FromMinutes(1);
        certificate.OnFailure = failure => Console.WriteLine("the old one stays");
        var options = new TlsServerOptions { Certificate = certificate };

        File.WriteAllText(certificatePath, "not a certificate");
        Console.WriteLine(certificate.Reload());

        DevelopmentCertificate.Create().WritePem(certificatePath, keyPath);
        Console.WriteLine(certificate.Reload());
        // </reload>
        Assert.Same(certificate, options.Certificate);
        Directory.Delete(folder, recursive: true);
    });

    [Fact]
    public void Truncation() => Run("truncation", async () =>
    {
        DevelopmentCertificate certificate = DevelopmentCertificate.Create();
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        // <truncation>
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () =>
            {
                TlsConnection server = await TlsConnection.AuthenticateAsServerAsync(await listener.AcceptAsync(), certificate.ToServerOptions());
                await server.Output.WriteAsync("pay 100"u8.ToArray());

                // As somebody in between would: TCP ends, and TLS knows nothing of it.
                await server.Tcp.Output.CompleteAsync();
            });
            await using TlsConnection client = await TlsConnection.AuthenticateAsClientAsync(
                await TcpConnection.ConnectAsync(listener.LocalEndPoint), certificate.ToClientOptions());
            try
            {
                await client.Input.CopyToAsync(Stream.Null);
            }
            catch (IOException cut)
            {
                Console.WriteLine(cut.Message.Split(": ")[^1]);
            }
        });
        // </truncation>
    });

    [Fact]
    public void Starttls() => Run("starttls", async () =>
    {
        DevelopmentCertificate certificate = DevelopmentCertificate.Create();
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        // <starttls>
        async Task Serve()
        {
            TcpConnection connection = await listener.AcceptAsync();
            ReadResult command = await connection.Input.ReadAtLeastAsync("STARTTLS\r\n".Length);
            connection.Input.AdvanceTo(command.Buffer.GetPosition("STARTTLS\r\n".Length));

            await using TlsConnection tls = await TlsConnection.UpgradeAsServerAsync(
                connection, "220 Go ahead\r\n"u8.ToArray(), certificate.ToServerOptions());
            using var reader = new StreamReader(tls.AsStream());
            Console.WriteLine(await reader.ReadLineAsync());
        }

        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(Serve);
            TcpConnection connection = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
            await connection.Output.WriteAsync("STARTTLS\r\nMAIL FROM:<injected>\r\n"u8.ToArray());
            ReadResult goAhead = await connection.Input.ReadAtLeastAsync("220 Go ahead\r\n".Length);
            connection.Input.AdvanceTo(goAhead.Buffer.End);

            await using TlsConnection tls = await TlsConnection.UpgradeAsClientAsync(connection, certificate.ToClientOptions());
            await tls.Output.WriteAsync(Encoding.ASCII.GetBytes("MAIL FROM:<me>\r\n"));
        });
        // </starttls>
    });
}
