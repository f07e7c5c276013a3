using System.Net;
using System.Net.Sockets;
using Gyre.Diagnostics;
using Gyre.Drivers;
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
    public static async ValueTask<TcpConnection> ConnectAsync(
        IPEndPoint endPoint, TcpConnectOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        options ??= TcpConnectOptions.Default;
        if (options.Timeout == System.Threading.Timeout.InfiniteTimeSpan)
        {
            return await ConnectOnceAsync(endPoint, options, cancellationToken);
        }

        TcpConnection? connection = null;
        CancelScope scope = await CancelScope.MoveOnAfterAsync(
            options.Timeout, async _ => connection = await ConnectOnceAsync(endPoint, options, cancellationToken));
        return connection ?? (scope.CancelledCaught
            ? throw new TimeoutException($"Connecting to {endPoint} took longer than {options.Timeout}.")
            : throw new OperationCanceledException());
    }

    /// <summary>Resolves <paramref name="host"/> and connects to the first of its addresses that answers. A checkpoint.</summary>
    /// <inheritdoc cref="ConnectAsync(IPEndPoint, TcpConnectOptions?, CancellationToken)"/>
    public static async ValueTask<TcpConnection> ConnectAsync(
        string host, int port, TcpConnectOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        IPAddress[] addresses = IPAddress.TryParse(host, out IPAddress? literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(host, cancellationToken);
        SocketException? last = null;
        foreach (IPAddress address in addresses)
        {
            try
            {
                return await ConnectAsync(new IPEndPoint(address, port), options, cancellationToken);
            }
            catch (SocketException failure)
            {
                // The next address may answer; when none does, the last failure is the one to tell.
                last = failure;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound, $"The name '{host}' has no address.");
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
            return _wait.ParkAsync(WaitKind.Connect, _endPoint, token);
        }

        public void OnConnected(DriverConnection driver)
        {
            var connection = new TcpConnection(_loop, driver);
            if (!_wait.TryWake(connection))
            {
                // The one who wanted it was cancelled meanwhile.
                connection.Abort();
            }
        }

        public void OnConnectFailed(SocketError error) =>
            _wait.TryWakeFailed(new SocketException((int)error, $"Can't connect to {_endPoint}: {error}."));
    }
}
