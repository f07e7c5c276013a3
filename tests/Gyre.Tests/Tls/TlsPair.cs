using Gyre.Net;
using Gyre.Tls;

namespace Gyre.Tests;

/// <summary>Two ends of a TLS connection over loop-back on the current loop.</summary>
internal sealed class TlsPair : IAsyncDisposable
{
    private TlsPair(Pair below, TlsConnection client, TlsConnection server)
    {
        Below = below;
        Client = client;
        Server = server;
    }

    /// <summary>One for all tests: making a key takes a while.</summary>
    public static DevelopmentCertificate Certificate { get; } = DevelopmentCertificate.Create("example.test");

    public Pair Below { get; }

    public TlsConnection Client { get; }

    public TlsConnection Server { get; }

    public static async Task<TlsPair> ConnectAsync(TlsServerOptions? server = null, TlsClientOptions? client = null)
    {
        Pair below = await Pair.ConnectAsync();
        (TlsConnection first, TlsConnection second) = await HandshakeAsync(below, server, client);
        return new TlsPair(below, first, second);
    }

    public static async Task<(TlsConnection Client, TlsConnection Server)> HandshakeAsync(
        Pair below, TlsServerOptions? server = null, TlsClientOptions? client = null)
    {
        Coroutine<TlsConnection>? serving = null;
        TlsConnection? calling = null;
        await TaskGroup.RunAsync(async group =>
        {
            serving = group.Spawn(async () => await TlsConnection.AuthenticateAsServerAsync(below.Server, server ?? Certificate.ToServerOptions()));
            calling = await TlsConnection.AuthenticateAsClientAsync(below.Client, client ?? Certificate.ToClientOptions());
        });
        return (calling!, await serving!);
    }

    /// <summary>What the handshake of each side threw; null for one that went well.</summary>
    public static async Task<(Exception? Client, Exception? Server)> FailAsync(Pair below, TlsServerOptions server, TlsClientOptions client)
    {
        Exception? called = null;
        Exception? served = null;
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () =>
            {
                served = await Record.ExceptionAsync(async () => await TlsConnection.AuthenticateAsServerAsync(below.Server, server));
            });
            called = await Record.ExceptionAsync(async () =>
            {
                // A client of TLS 1.3 learns of what the server thinks of its certificate behind the handshake.
                await using TlsConnection tls = await TlsConnection.AuthenticateAsClientAsync(below.Client, client);
                await tls.Input.ReadAsync();
            });
        });
        return (called, served);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
    }
}
