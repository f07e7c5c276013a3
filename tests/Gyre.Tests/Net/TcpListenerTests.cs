using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Gyre.Net;
using TcpListener = Gyre.Net.TcpListener;

namespace Gyre.Tests;

public sealed class TcpListenerTests
{
    [Fact]
    public void A_cancelled_accept_loses_no_connection() => OnLoop.Run(async () =>
    {
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        var accepted = new List<TcpConnection>();
        const int count = 200;
        var clients = new List<TcpConnection>();
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () =>
            {
                for (int i = 0; i < count; i++)
                {
                    clients.Add(await TcpConnection.ConnectAsync(listener.LocalEndPoint));
                }
            });

            // Cancels at a different turn each time, so that some cancellations land in the turn of a connection.
            for (int turns = 0; accepted.Count < count; turns = (turns + 1) % 7)
            {
                await CancelScope.RunAsync(async scope =>
                {
                    _ = CancelAfterAsync(scope, turns);
                    accepted.Add(await listener.AcceptAsync());
                });
                await Coroutine.SleepAsync(TimeSpan.FromMicroseconds(1));
            }
        });
        Assert.Equal(count, accepted.Count);
        Assert.Equal(count, listener.Accepted);
        foreach (TcpConnection connection in accepted.Concat(clients))
        {
            await connection.DisposeAsync();
        }

        static async Task CancelAfterAsync(CancelScope scope, int turns)
        {
            await CancelScope.RunAsync(async shielded =>
            {
                shielded.Shield = true;
                await OnLoop.TurnsAsync(turns);
                scope.Cancel();
            });
        }
    });

    [Fact]
    public void A_connection_and_a_cancellation_in_one_turn_give_the_connection() => OnLoop.Run(async () =>
    {
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        TcpConnection? accepted = null;
        await CancelScope.RunAsync(async scope =>
        {
            TcpConnection? client = null;
            await TaskGroup.RunAsync(async group =>
            {
                group.Spawn(async () =>
                {
                    await CancelScope.RunAsync(async shielded =>
                    {
                        shielded.Shield = true;
                        client = await TcpConnection.ConnectAsync(listener.LocalEndPoint);

                        // Runs in the turn in which the accept was completed, or later: never before it.
                        await OnLoop.UntilAsync(() => listener.Accepted == 1);
                    });
                    scope.Cancel();
                });
                accepted = await listener.AcceptAsync();
            });
            await client!.DisposeAsync();
        });
        Assert.NotNull(accepted);
        await accepted.DisposeAsync();
    });

    [Fact]
    public void Closed_it_ends_the_accept_that_waits_and_refuses_the_next() => OnLoop.Run(async () =>
    {
        var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        ValueTask<TcpConnection> accepting = listener.AcceptAsync();
        await listener.DisposeAsync();
        await listener.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await accepting);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await listener.AcceptAsync());
        await OnLoop.TurnsAsync(3);
        await Assert.ThrowsAsync<SocketException>(async () => await TcpConnection.ConnectAsync(listener.LocalEndPoint));
    });

    [Fact]
    public void Closed_it_closes_the_connections_that_nobody_took() => OnLoop.Run(async () =>
    {
        var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        await using TcpConnection client = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
        await OnLoop.UntilAsync(() => listener.Accepted == 1);
        await listener.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(async () => await client.Input.ReadAsync());
        await OnLoop.UntilAsync(static () => EventLoop.Current.Driver.Statistics.Connections == 1);
    });

    [Fact]
    public void Stopped_it_gives_out_what_it_had_accepted_then_says_so_and_drops_nothing() => OnLoop.Run(async () =>
    {
        var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        var clients = new List<TcpConnection>();
        for (int i = 0; i < 20; i++)
        {
            clients.Add(await TcpConnection.ConnectAsync(listener.LocalEndPoint));
        }

        await OnLoop.UntilAsync(() => listener.Accepted == 20);
        await listener.StopAcceptingAsync();
        await listener.StopAcceptingAsync();
        await OnLoop.TurnsAsync(5);
        for (int i = 0; i < 20; i++)
        {
            await using TcpConnection server = await listener.AcceptAsync();
            await server.Output.WriteAsync("x"u8.ToArray());
        }

        await Assert.ThrowsAsync<ListenerStoppedException>(async () => await listener.AcceptAsync());
        Assert.Equal(20, listener.Accepted);
        await listener.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await listener.AcceptAsync());
        foreach (TcpConnection client in clients)
        {
            ReadResult answer = await client.Input.ReadAtLeastAsync(1);
            Assert.Equal(1, answer.Buffer.Length);
            client.Input.AdvanceTo(answer.Buffer.End);
            await client.DisposeAsync();
        }
    });

    [Fact]
    public void A_flow_that_waits_to_accept_learns_of_the_stop() => OnLoop.Run(async () =>
    {
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        ValueTask<TcpConnection> accepting = listener.AcceptAsync();
        await listener.StopAcceptingAsync();
        await Assert.ThrowsAsync<ListenerStoppedException>(async () => await accepting);
    });

    [Fact]
    public void Two_flows_that_accept_at_once_the_second_is_refused() => OnLoop.Run(async () =>
    {
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        ValueTask<TcpConnection> first = listener.AcceptAsync();
        var failure = Assert.Throws<InvalidOperationException>(() => { _ = listener.AcceptAsync(); });
        Assert.Contains("TcpListener 127.0.0.1:", failure.Message, StringComparison.Ordinal);
        await using TcpConnection client = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
        await using TcpConnection server = await first;
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    public void Accepting_pauses_at_the_bound_and_goes_on_when_some_were_taken(int bound) => OnLoop.Run(async () =>
    {
        // A bound of 1 never went on: the mark to resume below was 1 / 2 = 0.
        await using var listener = TcpListener.Listen(
            new IPEndPoint(IPAddress.Loopback, 0), new TcpListenerOptions { AcceptedMax = bound });
        var clients = new List<TcpConnection>();
        for (int i = 0; i < 40; i++)
        {
            clients.Add(await TcpConnection.ConnectAsync(listener.LocalEndPoint));
        }

        await OnLoop.UntilAsync(() => listener.Accepted >= bound);
        for (int i = 0; i < 40; i++)
        {
            await (await listener.AcceptAsync()).DisposeAsync();
        }

        foreach (TcpConnection client in clients)
        {
            await client.DisposeAsync();
        }
    });

    [Fact]
    public void A_bound_of_nothing_is_refused() => OnLoop.Run(() =>
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TcpListener.Listen(
            new IPEndPoint(IPAddress.Loopback, 0), new TcpListenerOptions { AcceptedMax = 0 }));
        return Task.CompletedTask;
    });

    [Fact]
    public void An_address_in_use_is_named_with_the_remedy() => OnLoop.Run(async () =>
    {
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        var failure = Assert.Throws<SocketException>(() => TcpListener.Listen(listener.LocalEndPoint));
        Assert.Equal(SocketError.AddressAlreadyInUse, failure.SocketErrorCode);
        Assert.Contains(listener.LocalEndPoint.ToString(), failure.Message, StringComparison.Ordinal);
        Assert.Contains("another process, or this one, listens there", failure.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_detached_connection_is_attached_once() => OnLoop.Run(async () =>
    {
        Assert.SkipUnless(
            EventLoop.Current.Driver.Capabilities.HasFlag(Gyre.Drivers.DriverCapabilities.HandOver), "driver: it can't hand over.");
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        ValueTask<DetachedTcpConnection> accepting = listener.AcceptDetachedAsync();
        await using TcpConnection client = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
        DetachedTcpConnection detached = await accepting;
        await using TcpConnection server = detached.AttachHere();
        Assert.Throws<InvalidOperationException>(() => detached.AttachHere());
        await client.Output.WriteAsync("x"u8.ToArray());
        Assert.Equal(1, (await server.Input.ReadAsync()).Buffer.Length);
    });

    [Fact]
    public void A_limit_that_is_exact_is_held_though_more_are_queued() => OnLoop.Run(async () =>
    {
        await using var listener = TcpListener.Listen(
            new IPEndPoint(IPAddress.Loopback, 0), new TcpListenerOptions { AcceptedMax = 3, IsAcceptedMaxExact = true });
        var clients = new List<TcpConnection>();
        for (int i = 0; i < 20; i++)
        {
            clients.Add(await TcpConnection.ConnectAsync(listener.LocalEndPoint));
        }

        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(20));
        Assert.InRange(listener.Accepted, 1, 3);
        for (int i = 0; i < 20; i++)
        {
            await (await listener.AcceptAsync()).DisposeAsync();
        }

        Assert.Equal(20, listener.Accepted);
        clients.ForEach(static client => client.Abort());
    });

    [Fact]
    public void A_listener_that_was_stopped_refuses_at_once() => OnLoop.Run(async () =>
    {
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        await using TcpConnection ahead = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
        await OnLoop.UntilAsync(() => listener.Accepted == 1);
        await listener.StopAcceptingAsync();

        // The socket's close may take a turn, and until then the system queues.
        await OnLoop.UntilAsync(() => !Connects(listener.LocalEndPoint));
        await (await listener.AcceptAsync()).DisposeAsync();
        await Assert.ThrowsAsync<ListenerStoppedException>(async () => await listener.AcceptAsync());
    });

    private static bool Connects(IPEndPoint endPoint)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Connect(endPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [Fact]
    public void A_detached_connection_that_nobody_wants_is_closed() => OnLoop.Run(async () =>
    {
        Assert.SkipUnless(
            EventLoop.Current.Driver.Capabilities.HasFlag(Gyre.Drivers.DriverCapabilities.HandOver), "driver: it can't hand over.");
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        ValueTask<DetachedTcpConnection> accepting = listener.AcceptDetachedAsync();
        await using TcpConnection client = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
        DetachedTcpConnection detached = await accepting;
        detached.Dispose();
        detached.Dispose();
        Assert.Throws<InvalidOperationException>(() => detached.AttachHere());
        Assert.True((await client.Input.ReadAsync()).IsCompleted);
    });

    [Fact]
    public void Without_the_capability_handing_over_is_refused_before_a_connection_is_taken() => OnLoop.Run(async () =>
    {
        Assert.SkipWhen(
            EventLoop.Current.Driver.Capabilities.HasFlag(Gyre.Drivers.DriverCapabilities.HandOver), "driver: it can hand over.");
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.Throws<PlatformNotSupportedException>(() => { _ = listener.AcceptDetachedAsync(); });
    });
}
