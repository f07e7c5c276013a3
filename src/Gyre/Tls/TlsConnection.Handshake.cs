using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Runtime.ExceptionServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Gyre.Loop;
using Gyre.Net;

namespace Gyre.Tls;

public sealed partial class TlsConnection
{
    /// <summary>The content type of a handshake record (RFC 8446, section 5.1): no plain-text protocol begins with it.</summary>
    private const byte HandshakeRecord = 0x16;

    /// <summary>What is shown of bytes that are no handshake: enough of a request line to answer it.</summary>
    private const int FirstBytesMax = 64;

    /// <summary>
    /// Does the server's side of the handshake on a connection whose client speaks TLS from the first byte. A checkpoint. When it
    /// fails, for whatever reason, the connection is closed.
    /// </summary>
    /// <param name="connection">Belongs to the TLS connection from here on.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up, and aborts the connection.</param>
    /// <exception cref="NotTlsException">What arrives is no TLS; <see cref="TlsServerOptions.PlaintextAnswer"/> was sent.</exception>
    /// <exception cref="AuthenticationException">The two sides don't agree, or the client's certificate isn't trusted.</exception>
    /// <exception cref="TimeoutException"><see cref="TlsServerOptions.HandshakeTimeout"/> passed.</exception>
    /// <exception cref="IOException">The connection ended meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled.</exception>
    /// <exception cref="ArgumentException">The options can't lead to a handshake; the connection is left as it was.</exception>
    /// <exception cref="InvalidOperationException">This isn't the connection's loop's thread.</exception>
    public static ValueTask<TlsConnection> AuthenticateAsServerAsync(
        TcpConnection connection, TlsServerOptions options, CancellationToken cancellationToken = default)
    {
        Verify(connection, options);
        return EstablishAsync(
            connection, options.HandshakeTimeout, (tls, token) => tls.ServeHandshakeAsync(options, token), cancellationToken);
    }

    /// <summary>
    /// Goes over from plain text to TLS, as the server does after STARTTLS and the like. Whatever the client has sent ahead in
    /// plain text is dropped: it was said before the go-ahead, maybe by somebody else, and must not count as said under TLS. Then
    /// the go-ahead is sent, then the handshake done. A checkpoint. When it fails, the connection is closed.
    /// </summary>
    /// <param name="connection">Its last read must have been ended by <c>AdvanceTo</c>. Belongs to the TLS connection from here on.</param>
    /// <param name="goAhead">What tells the client to begin, for example <c>220 Ready to start TLS\r\n</c>; empty for nothing.</param>
    /// <inheritdoc cref="AuthenticateAsServerAsync"/>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up, and aborts the connection.</param>
    public static ValueTask<TlsConnection> UpgradeAsServerAsync(
        TcpConnection connection, ReadOnlyMemory<byte> goAhead, TlsServerOptions options, CancellationToken cancellationToken = default)
    {
        Verify(connection, options);
        connection.DiscardBufferedInput();
        return EstablishAsync(
            connection,
            options.HandshakeTimeout,
            async (tls, token) =>
            {
                await connection.Output.WriteAsync(goAhead, token);
                await tls.ServeHandshakeAsync(options, token);
            },
            cancellationToken);
    }

    /// <summary>
    /// Does the client's side of the handshake on a connection whose server speaks TLS from the first byte. A checkpoint. When it
    /// fails, for whatever reason, the connection is closed.
    /// </summary>
    /// <param name="connection">Belongs to the TLS connection from here on.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up, and aborts the connection.</param>
    /// <exception cref="AuthenticationException">The two sides don't agree, or the server's certificate isn't trusted.</exception>
    /// <exception cref="TimeoutException"><see cref="TlsClientOptions.HandshakeTimeout"/> passed.</exception>
    /// <exception cref="IOException">The connection ended meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">This isn't the connection's loop's thread.</exception>
    public static ValueTask<TlsConnection> AuthenticateAsClientAsync(
        TcpConnection connection, TlsClientOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(options);
        connection.Loop.VerifyAccess(connection);
        return EstablishAsync(
            connection,
            options.HandshakeTimeout,
            (tls, token) => tls.Ssl.AuthenticateAsClientAsync(options.ForHandshake(tls.Loop.Clock), token),
            cancellationToken);
    }

    /// <summary>
    /// Goes over from plain text to TLS, as a client does when the server has told it to. Whatever the server has sent behind its
    /// go-ahead in plain text is dropped. A checkpoint. When it fails, the connection is closed.
    /// </summary>
    /// <param name="connection">
    /// The go-ahead was read from it, and the read ended by <c>AdvanceTo</c>. Belongs to the TLS connection from here on.
    /// </param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up, and aborts the connection.</param>
    /// <inheritdoc cref="AuthenticateAsClientAsync"/>
    public static ValueTask<TlsConnection> UpgradeAsClientAsync(
        TcpConnection connection, TlsClientOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(options);
        connection.Loop.VerifyAccess(connection);
        connection.DiscardBufferedInput();
        return AuthenticateAsClientAsync(connection, options, cancellationToken);
    }

    private static void Verify(TcpConnection connection, TlsServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(options);
        connection.Loop.VerifyAccess(connection);
        options.Verify();
    }

    private static async ValueTask<TlsConnection> EstablishAsync(
        TcpConnection connection, TimeSpan timeout, Func<TlsConnection, CancellationToken, Task> handshake, CancellationToken token)
    {
        ScopeContext scope = ScopeContext.Resolve(connection.Loop);
        scope.Enter();
        var tls = new TlsConnection(connection);
        try
        {
            await CancelScope.FailAfterAsync(timeout, _ => handshake(tls, token));
            tls.RememberOutcome();
            return tls;
        }
#pragma warning disable CA1031 // Rethrown, or told in other words.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Exception told = tls.ExplainHandshake(failure, timeout);
            tls.GiveUp(failure);
            ExceptionDispatchInfo.Throw(told);
            throw;
        }
        finally
        {
            scope.Exit();
        }
    }

    private async Task ServeHandshakeAsync(TlsServerOptions options, CancellationToken token)
    {
        await RefusePlaintextAsync(options, token);
        await Ssl.AuthenticateAsServerAsync(
            (_, hello, _, _) => ValueTask.FromResult(options.For(hello.ServerName ?? "", Loop.Clock)), null, token);
    }

    /// <summary>Looks at the first byte; until it comes, nothing is held for the handshake.</summary>
    private async Task RefusePlaintextAsync(TlsServerOptions options, CancellationToken token)
    {
        PipeReader input = Tcp.Input;
        ReadResult first = await input.ReadAsync(token);
        if (first.IsCanceled || first.Buffer.IsEmpty)
        {
            input.AdvanceTo(first.Buffer.Start);
            throw first.IsCanceled
                ? new OperationCanceledException($"CancelPendingRead ended the handshake of {this}.")
                : new IOException($"The peer of {Tcp} ended the connection before it began a TLS handshake.");
        }

        byte[]? refused = first.Buffer.FirstSpan[0] == HandshakeRecord
            ? null
            : first.Buffer.Slice(0, Math.Min(first.Buffer.Length, FirstBytesMax)).ToArray();
        input.AdvanceTo(first.Buffer.Start, first.Buffer.Start);
        if (refused is null)
        {
            return;
        }

        if (options.PlaintextAnswer?.Invoke(refused) is { IsEmpty: false } answer)
        {
            await Tcp.Output.WriteAsync(answer, token);
        }

        throw new NotTlsException(Tcp, refused);
    }

    private void RememberOutcome()
    {
        ApplicationProtocol = Ssl.NegotiatedApplicationProtocol;
        ServerName = Ssl.TargetHostName is { Length: > 0 } name ? name : null;
        Protocol = Ssl.SslProtocol;
        CipherSuite = Ssl.NegotiatedCipherSuite;
        RemoteCertificate = Ssl.RemoteCertificate as X509Certificate2;
    }

    private Exception ExplainHandshake(Exception failure, TimeSpan timeout) => failure switch
    {
        NotTlsException or OperationCanceledException => failure,
        TimeoutException => new TimeoutException($"The TLS handshake over {Tcp} didn't end within {timeout}; the connection was aborted.", failure),
        AuthenticationException => new AuthenticationException(
            $"The TLS handshake over {Tcp} failed: {Innermost(failure).Message}", failure),
        IOException { InnerException: OperationCanceledException cancelled } => cancelled,
        IOException when Tcp.WasEndRead => new IOException($"The peer of {Tcp} ended the connection during the TLS handshake.", failure),
        _ => failure,
    };

    /// <summary>
    /// A peer that speaks is told what was wrong, by the alert or answer that is on its way; one that is silent, or no longer
    /// wanted, is reset.
    /// </summary>
    private void GiveUp(Exception failure)
    {
        IsDisposed = true;
        _reader.Complete();
        Close(abort: failure is not AuthenticationException, "failed in its handshake");
    }
}
