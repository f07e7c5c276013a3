using System.Net;
using System.Net.Sockets;
using Gyre.Diagnostics;
using Gyre.Drivers;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre.Net;

public sealed partial class TcpConnection
{
    /// <summary>Connects to <paramref name="endPoint"/>. A checkpoint.</summary>
    /// <param name="endPoint">The address and port.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up this attempt.</param>
    /// <exception cref="SocketException">Refused, unreachable, timed out by the system…; the message names the address.</exception>
    /// <exception cref="TimeoutException"><see cref="TcpConnectOptions.Timeout"/> passed.</exception>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static ValueTask<TcpConnection> ConnectAsync(
        IPEndPoint endPoint, TcpConnectOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        options ??= TcpConnectOptions.Default;
        return options.Timeout == System.Threading.Timeout.InfiniteTimeSpan
            ? ConnectOnceAsync(endPoint, options, cancellationToken)
            : ConnectInTimeAsync(endPoint, options, cancellationToken);
    }

    /// <summary>Resolves <paramref name="host"/> and connects to the first of its addresses that answers. A checkpoint.</summary>
    /// <inheritdoc cref="ConnectAsync(IPEndPoint, TcpConnectOptions?, CancellationToken)"/>
    public static async ValueTask<TcpConnection> ConnectAsync(
        string host, int port, TcpConnectOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ScopeContext scope = ScopeContext.Resolve(EventLoop.Current);
        scope.Enter();
        try
        {
            IPAddress[] addresses = IPAddress.TryParse(host, out IPAddress? literal)
                ? [literal]
                : await ResolveAsync(host, scope, cancellationToken);
            return await ConnectToFirstAsync(host, addresses, port, options, cancellationToken);
        }
        finally
        {
            scope.Exit();
        }
    }

    private static async ValueTask<IPAddress[]> ResolveAsync(string host, ScopeContext scope, CancellationToken token)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(scope.Token, token);
        try
        {
            return await scope.Loop.Driver.ResolveAsync(host, either.Token);
        }
        catch (OperationCanceledException) when (WaitSource.CancellationOf(scope.Loop, token) is { } cancellation)
        {
            // The linked token is nobody's; say whose cancellation it was.
            throw cancellation;
        }
    }

    private static async ValueTask<TcpConnection> ConnectToFirstAsync(
        string host, IPAddress[] addresses, int port, TcpConnectOptions? options, CancellationToken token)
    {
        Exception? last = null;
        foreach (IPAddress address in addresses)
        {
            try
            {
                return await ConnectAsync(new IPEndPoint(address, port), options, token);
            }
            catch (Exception failure) when (failure is SocketException or TimeoutException)
            {
                // The next address may answer; when none does, the last failure is the one to tell.
                last = failure;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound, $"The name '{host}' has no address.");
    }

    private static async ValueTask<TcpConnection> ConnectInTimeAsync(
        IPEndPoint endPoint, TcpConnectOptions options, CancellationToken token)
    {
        ScopeContext scope = ScopeContext.Resolve(EventLoop.Current);
        scope.Enter();
        try
        {
            TcpConnection? connection = null;
            await CancelScope.MoveOnAfterAsync(
                options.Timeout, async _ => connection = await ConnectOnceAsync(endPoint, options, token));
            return connection ?? throw new TimeoutException($"Connecting to {endPoint} took longer than {options.Timeout}.");
        }
        finally
        {
            scope.Exit();
        }
    }

    private static ValueTask<TcpConnection> ConnectOnceAsync(
        IPEndPoint endPoint, TcpConnectOptions options, CancellationToken token)
    {
        EventLoop loop = EventLoop.Current;
        if (WaitSource.CancellationOf(loop, token) is { } cancellation)
        {
            return ValueTask.FromException<TcpConnection>(cancellation);
        }

        var attempt = new ConnectAttempt(loop, endPoint);
        return attempt.StartAsync(options, token);
    }

    private static string Explain(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "ConnectionRefused; nobody listens there",
        SocketError.NetworkUnreachable or SocketError.HostUnreachable => $"{error}; no route leads there",
        SocketError.TooManyOpenSockets => "TooManyOpenSockets; the process is at its descriptor limit (ulimit -n)",
        SocketError.AddressNotAvailable => "AddressNotAvailable; no local address or port is free for it",
        _ => error.ToString(),
    };

    private sealed class ConnectAttempt : IConnectHandler
    {
        private readonly EventLoop _loop;
        private readonly IPEndPoint _endPoint;
        private readonly Wait<TcpConnection> _wait;
        private DriverOperation? _operation;

        public ConnectAttempt(EventLoop loop, IPEndPoint endPoint)
        {
            _loop = loop;
            _endPoint = endPoint;
            _wait = new Wait<TcpConnection>(loop, _ => _operation?.Cancel());
        }

        public ValueTask<TcpConnection> StartAsync(TcpConnectOptions options, CancellationToken token)
        {
            var driverOptions = new ConnectOptions { LocalEndPoint = options.LocalEndPoint, NoDelay = options.NoDelay };
            _operation = _loop.Driver.StartConnect(_endPoint, driverOptions, this);
            ValueTask<TcpConnection> connected = _wait.ParkAsync(WaitKind.Connect, _endPoint, token);
            if (!_wait.IsParked)
            {
                // The token was cancelled just now, and nobody waits.
                _operation.Cancel();
            }

            return connected;
        }

        public void OnConnected(DriverConnection driver)
        {
            var connection = new TcpConnection(_loop, driver) { _remote = _endPoint };
            if (!_wait.TryWake(connection))
            {
                // The one who wanted it was cancelled meanwhile.
                connection.Abort();
            }
        }

        public void OnConnectFailed(SocketError error) =>
            _wait.TryWakeFailed(new SocketException((int)error, $"Can't connect to {_endPoint}: {Explain(error)}."));
    }
}
