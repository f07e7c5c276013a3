using System.Net;
using System.Net.Sockets;
using Gyre.Net;
using TcpListener = Gyre.Net.TcpListener;

namespace Gyre.Tests;

public sealed class ConnectTests
{
    [Fact]
    public void Refused_it_throws_and_names_the_address() => OnLoop.Run(async () =>
    {
        IPEndPoint free = FreePort();
        var failure = await Assert.ThrowsAsync<SocketException>(async () => await TcpConnection.ConnectAsync(free));
        Assert.Equal(SocketError.ConnectionRefused, failure.SocketErrorCode);
        Assert.Contains(free.ToString(), failure.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void Out_of_time_it_throws_TimeoutException() => OnLoop.Run(async () =>
    {
        using FullBacklog full = new();
        var options = new TcpConnectOptions { Timeout = TimeSpan.FromMilliseconds(5) };
        var failure = await Assert.ThrowsAsync<TimeoutException>(async () => await TcpConnection.ConnectAsync(full.EndPoint, options));
        Assert.Contains(full.EndPoint.ToString(), failure.Message, StringComparison.Ordinal);
        await OnLoop.UntilAsync(static () => EventLoop.Current.Driver.Statistics.Connections == 0);
    });

    [Fact]
    public void Cancelled_by_scope_or_token_it_throws_and_leaves_nothing() => OnLoop.Run(async () =>
    {
        using FullBacklog full = new();
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            EventLoop.Current.CallLater(TimeSpan.FromMilliseconds(1), () => scope.Cancel());
            await TcpConnection.ConnectAsync(full.EndPoint);
        });
        Assert.True(scope.CancelledCaught);
        using var source = new CancellationTokenSource();
        EventLoop.Current.CallLater(TimeSpan.FromMilliseconds(1), source.Cancel);
        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await TcpConnection.ConnectAsync(full.EndPoint, cancellationToken: source.Token));
        Assert.Equal(source.Token, failure.CancellationToken);
        await OnLoop.UntilAsync(static () => EventLoop.Current.Driver.Statistics.Connections == 0);
    });

    [Fact]
    public void In_a_cancelled_scope_it_does_not_even_try() => OnLoop.Run(async () =>
    {
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel();
            await TcpConnection.ConnectAsync(listener.LocalEndPoint);
        });
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, listener.Accepted);
    });

    [Fact]
    public void A_time_out_that_is_not_reached_changes_nothing() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync(new TcpConnectOptions { Timeout = TimeSpan.FromHours(1) });
        Assert.Equal(0, EventLoop.Current.Statistics.TimersPending);
    });

    [Fact]
    public void A_local_address_can_be_chosen() => OnLoop.Run(async () =>
    {
        IPEndPoint local = FreePort();
        await using Pair pair = await Pair.ConnectAsync(new TcpConnectOptions { LocalEndPoint = local });
        Assert.Equal(local, pair.Client.LocalEndPoint);
        Assert.Equal(local, pair.Server.RemoteEndPoint);
    });

    [Fact]
    public void A_host_name_is_resolved_and_each_address_tried() => OnLoop.Run(async () =>
    {
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));

        // "localhost" may resolve to ::1 first, where nobody listens.
        await using TcpConnection byName = await TcpConnection.ConnectAsync("localhost", listener.LocalEndPoint.Port);
        await using TcpConnection byLiteral = await TcpConnection.ConnectAsync("127.0.0.1", listener.LocalEndPoint.Port);
        await using TcpConnection first = await listener.AcceptAsync();
        await using TcpConnection second = await listener.AcceptAsync();
        Assert.Equal(byName.LocalEndPoint, first.RemoteEndPoint);
        Assert.Equal(byLiteral.LocalEndPoint, second.RemoteEndPoint);
    });

    [Fact]
    public void A_name_that_does_not_exist_is_told() => OnLoop.Run(static async () =>
        await Assert.ThrowsAnyAsync<SocketException>(static async () => await TcpConnection.ConnectAsync("no-such-host.invalid", 80)));

    [Fact]
    public void A_name_in_a_cancelled_scope_throws_the_scopes_cancellation() => OnLoop.Run(async () =>
    {
        CancelScope scope = await CancelScope.RunAsync(static async scope =>
        {
            scope.Cancel("not today");
            var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(
                static async () => await TcpConnection.ConnectAsync("localhost", 80));
            Assert.Contains("not today", failure.Message, StringComparison.Ordinal);
            throw failure;
        });
        Assert.True(scope.CancelledCaught);
    });

    [Fact]
    public void IPv6_and_dual_stack() => OnLoop.Run(async () =>
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        await using var dual = TcpListener.Listen(new IPEndPoint(IPAddress.IPv6Any, 0));
        int port = dual.LocalEndPoint.Port;
        await using TcpConnection six = await TcpConnection.ConnectAsync(new IPEndPoint(IPAddress.IPv6Loopback, port));
        await using TcpConnection sixAccepted = await dual.AcceptAsync();
        Assert.Equal(IPAddress.IPv6Loopback, sixAccepted.RemoteEndPoint!.Address);
        await using TcpConnection four = await TcpConnection.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        await using TcpConnection fourAccepted = await dual.AcceptAsync();
        Assert.Equal(IPAddress.Loopback, fourAccepted.RemoteEndPoint!.Address.MapToIPv4());
        await using var sixOnly = TcpListener.Listen(new IPEndPoint(IPAddress.IPv6Any, 0), new TcpListenerOptions { DualStack = false });
        await Assert.ThrowsAsync<SocketException>(
            async () => await TcpConnection.ConnectAsync(new IPEndPoint(IPAddress.Loopback, sixOnly.LocalEndPoint.Port)));
    });

    private static IPEndPoint FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    /// <summary>A listener that accepts nothing and whose backlog is full: on Linux further attempts stay pending.</summary>
    private sealed class FullBacklog : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly List<Socket> _clients = [];

        public FullBacklog()
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen(0);
            EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
            for (int i = 0; i < 8; i++)
            {
                var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                _clients.Add(client);
                try
                {
                    client.Connect(EndPoint);
                }
                catch (SocketException pending) when (pending.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
                {
                    // Under way; whether it ends doesn't matter.
                }
            }
        }

        public IPEndPoint EndPoint { get; }

        public void Dispose()
        {
            _listener.Dispose();
            foreach (Socket client in _clients)
            {
                client.Dispose();
            }
        }
    }
}
