using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Gyre.Net;

namespace Gyre.Tests;

/// <summary>Closing with bytes unsent: what was flushed is still delivered, within the time allowed.</summary>
public sealed class LingerTests
{
    /// <summary>Far more than the system's buffers take at once, which grow with what it remembers of earlier connections.</summary>
    private const int Bytes = 32 * 1024 * 1024;

    [Fact]
    public void Disposed_it_still_delivers_what_was_flushed() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        await WriteWithoutWaitingAsync(pair.Client);
        Assert.Equal(1, EventLoop.Current.LingeringCloses);
        Assert.Equal(Bytes, await Gyre.Tests.Bytes.CountToEndAsync(pair.Server.Input));
        await OnLoop.UntilAsync(static () => EventLoop.Current.LingeringCloses == 0);
        Assert.Equal(0, EventLoop.Current.Statistics.TimersPending);
    });

    [Fact]
    public async Task The_run_ends_after_what_was_flushed_was_delivered()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Task<long> receiving = Task.Run(() => CountAll(listener));
        OnLoop.Run(async () =>
        {
            TcpConnection client = await TcpConnection.ConnectAsync((IPEndPoint)listener.LocalEndPoint!);
            await WriteWithoutWaitingAsync(client);
        });
        Assert.Equal(Bytes, await receiving.WaitAsync(OnLoop.HangBound));
    }

    [Fact]
    public void A_peer_that_does_not_read_is_aborted_after_the_linger_time() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        pair.Client.LingerTimeout = TimeSpan.FromMilliseconds(5);
        await WriteWithoutWaitingAsync(pair.Client);
        await OnLoop.UntilAsync(static () => EventLoop.Current.LingeringCloses == 0);

        // The peer may still find what had arrived before the reset; then it sees the reset, not an end.
        await Assert.ThrowsAsync<IOException>(() => Gyre.Tests.Bytes.CountToEndAsync(pair.Server.Input));
    });

    [Fact]
    public void Whoever_wants_to_know_is_told_when_the_system_has_let_go_and_not_before() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        pair.Server.LingerTimeout = Timeout.InfiniteTimeSpan;
        pair.Server.Output.Write(new byte[16 * 1024 * 1024]);
        ValueTask<FlushResult> flush = pair.Server.Output.FlushAsync();
        var told = new List<object?>();
        pair.Server.CallWhenClosed(told.Add, "state");
        Assert.Throws<InvalidOperationException>(() => pair.Server.CallWhenClosed(told.Add, null));
        await pair.Server.DisposeAsync();
        await Assert.ThrowsAnyAsync<IOException>(async () => await flush);
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(20));
        Assert.Empty(told);
        pair.Client.Abort();
        await OnLoop.UntilAsync(() => told.Count > 0);
        Assert.Equal(["state"], told);
        pair.Client.CallWhenClosed(told.Add, "late");
        await OnLoop.UntilAsync(() => told.Count > 1);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whoever_observes_behind_the_peers_end_is_told_of_it(bool isBroken) => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        if (isBroken)
        {
            pair.Client.Abort();
            await Assert.ThrowsAnyAsync<IOException>(() => Gyre.Tests.Bytes.CountToEndAsync(pair.Server.Input));
        }
        else
        {
            pair.Client.Output.Complete();
            Assert.Equal(0, await Gyre.Tests.Bytes.CountToEndAsync(pair.Server.Input));
        }

        var observer = new EndObserver();
        pair.Server.Observe(observer);
        await OnLoop.UntilAsync(() => observer.WasBroken is not null);
        Assert.Equal(isBroken, observer.WasBroken);
    });

    [Fact]
    public void A_linger_time_that_is_none_is_refused() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Server.LingerTimeout = TimeSpan.FromSeconds(-5));
        Assert.Equal(TimeSpan.FromSeconds(5), pair.Server.LingerTimeout);
    });

    [Fact]
    public void Disposed_its_members_say_so_while_it_lingers() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        await WriteWithoutWaitingAsync(pair.Client);
        Assert.True(pair.Client.IsClosing);
        Assert.Throws<ObjectDisposedException>(() => { _ = pair.Client.Input.ReadAsync(); });
        Assert.Throws<ObjectDisposedException>(() => pair.Client.Output.GetMemory());
        Assert.Throws<ObjectDisposedException>(() => pair.Client.SetKeepAlive(true));
        await pair.Client.DisposeAsync();
        pair.Client.Abort();
        Assert.Equal(0, EventLoop.Current.LingeringCloses);
    });

    [Fact]
    public void A_read_that_waits_fails_when_the_connection_is_disposed() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        ValueTask<System.IO.Pipelines.ReadResult> reading = pair.Client.Input.ReadAsync();
        await pair.Client.DisposeAsync();
        var failure = await Assert.ThrowsAsync<IOException>(async () => await reading);
        Assert.Contains("closed on this side", failure.Message, StringComparison.Ordinal);
    });

    /// <summary>Disposes with far more unsent than the system takes at once.</summary>
    private static async Task WriteWithoutWaitingAsync(TcpConnection connection)
    {
        connection.Output.GetSpan(Bytes)[..Bytes].Clear();
        connection.Output.Advance(Bytes);
        ValueTask<System.IO.Pipelines.FlushResult> flushing = connection.Output.FlushAsync();
        await connection.DisposeAsync();
        _ = flushing.AsTask();
    }

    private static long CountAll(Socket listener)
    {
        using Socket connection = listener.Accept();
        byte[] buffer = new byte[100_000];
        long count = 0;
        while (connection.Receive(buffer) is > 0 and var received)
        {
            count += received;
        }

        return count;
    }

    private sealed class EndObserver : ITcpConnectionObserver
    {
        public bool? WasBroken { get; private set; }

        public void OnInputEnded(TcpConnection connection, bool isBroken) => WasBroken = isBroken;

        public void OnClosed(TcpConnection connection)
        {
        }
    }
}
