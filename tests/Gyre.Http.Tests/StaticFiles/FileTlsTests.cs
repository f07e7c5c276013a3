using System.Net;
using Gyre.Http.Server;
using Gyre.Http.Tests.Server;
using Gyre.Net;
using Gyre.Tls;

namespace Gyre.Http.Tests.StaticFiles;

/// <summary>Where the bytes have to come into the process to be encrypted.</summary>
public sealed class FileTlsTests
{
    private const int Length = 1_000_000;

    [Fact]
    public async Task A_file_is_read_and_encrypted_and_the_connection_goes_on()
    {
        using var site = new FileSite();
        byte[] content = FileSite.Numbers(Length);
        site.Add("large.bin", content);
        await ServeAsync(site, async peer =>
        {
            foreach (int _ in Enumerable.Range(0, 2))
            {
                Assert.Equal(content, (await peer.AskAsync(FileSite.Request("/"))).Body);
                Answer part = await peer.AskAsync(FileSite.Request("/", "Range: bytes=100000-299999\r\n"));
                Assert.Equal(content[100_000..300_000], part.Body);
            }
        });
    }

    [Fact]
    public async Task A_file_that_shrinks_is_not_taken_for_a_whole_one()
    {
        using var site = new FileSite();
        byte[] content = FileSite.Numbers(20 * Length);
        string path = site.Add("large.bin", content);
        await ServeAsync(site, async peer =>
        {
            await peer.SendAsync(FileSite.Request("/"));
            await peer.ReceiveHeadAsync();
            using (FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            {
                file.SetLength(Length);
            }

            await peer.ReceiveBreakAsync();
        });
    }

    /// <summary>One connection, as a server over TLS would serve it.</summary>
    private static Task ServeAsync(FileSite site, Func<HttpPeer, Task> test) => InLoop.RunMainAsync(async () =>
    {
        DevelopmentCertificate certificate = DevelopmentCertificate.Create();
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        var options = new HttpServerOptions { Logger = new LineLogger(static _ => { }) };
        var server = new LoopServer(
            options, context => context.Response.SendFileAsync(site.Root, "large.bin"), new EssentialPaths(), new ConnectionLimit(1, 1));
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () =>
            {
                TcpConnection accepted = await listener.AcceptAsync();
                TlsConnection tls = await TlsConnection.AuthenticateAsServerAsync(accepted, certificate.ToServerOptions());
                await new HttpConnection(server, new WrappedPipe(accepted, tls)).RunAsync();
            });
            TcpConnection connected = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
            await using TlsConnection client = await TlsConnection.AuthenticateAsClientAsync(connected, certificate.ToClientOptions());
            using var peer = new HttpPeer(client.AsStream());
            await test(peer);
        });
    });
}
