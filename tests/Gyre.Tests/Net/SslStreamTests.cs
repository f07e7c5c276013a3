using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gyre.Net;

namespace Gyre.Tests;

/// <summary><see cref="SslStream"/>, which awaits with <c>ConfigureAwait(false)</c> throughout, over a connection.</summary>
public sealed class SslStreamTests
{
    [Fact]
    public void On_the_loop_it_never_leaves_it() => OnLoop.Run(static async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        int thread = Environment.CurrentManagedThreadId;
        using X509Certificate2 certificate = MakeCertificate();
        await TaskGroup.RunAsync(group =>
        {
            group.Spawn(() => EchoAsync(pair.Server, certificate, () => Assert.Equal(thread, Environment.CurrentManagedThreadId)));
            group.Spawn(() => CallAsync(pair.Client, () => Assert.Equal(thread, Environment.CurrentManagedThreadId)));
            return Task.CompletedTask;
        });
    });

    [Fact]
    public void From_the_pool() => OnLoop.Run(static async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        using X509Certificate2 certificate = MakeCertificate();
        await Task.WhenAll(
            Task.Run(() => EchoAsync(pair.Server, certificate, static () => Assert.Null(EventLoop.CurrentOrNull))),
            Task.Run(() => CallAsync(pair.Client, static () => Assert.Null(EventLoop.CurrentOrNull))));
    });

    [Fact]
    public void A_read_of_it_is_cancelled_by_its_scope() => OnLoop.Run(static async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        using X509Certificate2 certificate = MakeCertificate();
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(() => EchoAsync(pair.Server, certificate, static () => { }));
            await using SslStream ssl = await AuthenticateAsync(pair.Client);
            CancelScope scope = await CancelScope.MoveOnAfterAsync(
                TimeSpan.FromMilliseconds(2), async _ => await ssl.ReadExactlyAsync(new byte[1]));
            Assert.True(scope.CancelledCaught);
            group.Cancel();
        });
    });

    private static async Task EchoAsync(TcpConnection connection, X509Certificate2 certificate, Action look)
    {
        await using var ssl = new SslStream(connection.AsStream());
        await ssl.AuthenticateAsServerAsync(certificate);
        byte[] buffer = new byte[50_000];
        while (await ssl.ReadAsync(buffer) is > 0 and var count)
        {
            look();
            await ssl.WriteAsync(buffer.AsMemory(0, count));
            look();
        }
    }

    private static async Task CallAsync(TcpConnection connection, Action look)
    {
        await using SslStream ssl = await AuthenticateAsync(connection);
        look();
        byte[] sent = RandomNumberGenerator.GetBytes(300_000);
        byte[] received = new byte[sent.Length];
        for (int offset = 0; offset < sent.Length; offset += 30_000)
        {
            await ssl.WriteAsync(sent.AsMemory(offset, 30_000));
            await ssl.ReadExactlyAsync(received.AsMemory(offset, 30_000));
            look();
        }

        Assert.True(sent.AsSpan().SequenceEqual(received));
        await ssl.ShutdownAsync();
    }

    private static async Task<SslStream> AuthenticateAsync(TcpConnection connection)
    {
#pragma warning disable CA5359 // The certificate is the test's own, made a moment ago.
        var ssl = new SslStream(connection.AsStream(), leaveInnerStreamOpen: false, static (_, _, _, _) => true);
#pragma warning restore CA5359
        await ssl.AuthenticateAsClientAsync("localhost");
        return ssl;
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
    }
}
