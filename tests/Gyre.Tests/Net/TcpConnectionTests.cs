using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Gyre.Net;

namespace Gyre.Tests;

public sealed class TcpConnectionTests
{
    [Fact]
    public void What_one_side_writes_the_other_reads() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        await pair.Client.Output.WriteAsync("hello"u8.ToArray());
        ReadResult result = await pair.Server.Input.ReadAsync();
        Assert.Equal("hello"u8, result.Buffer.FirstSpan);
        pair.Server.Input.AdvanceTo(result.Buffer.End);
        await pair.Server.Output.WriteAsync("answer"u8.ToArray());
        result = await pair.Client.Input.ReadAsync();
        Assert.Equal("answer"u8, result.Buffer.FirstSpan);
        pair.Client.Input.AdvanceTo(result.Buffer.End);
    });

    [Fact]
    public void It_knows_its_addresses() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        Assert.Equal(pair.Client.LocalEndPoint, pair.Server.RemoteEndPoint);
        Assert.Equal(pair.Server.LocalEndPoint, pair.Client.RemoteEndPoint);
        Assert.Equal($"TcpConnection {pair.Client.LocalEndPoint} → {pair.Client.RemoteEndPoint}", pair.Client.ToString());
        Assert.Same(EventLoop.Current, pair.Client.Loop);
    });

    [Fact]
    public void What_the_peer_acknowledged_and_what_it_has_yet_to_is_told_where_the_system_tells() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        bool isTold = OperatingSystem.IsLinux();
        await pair.Client.Output.WriteAsync(new byte[1000]);
        await OnLoop.UntilAsync(() => pair.Client.AcknowledgedBytes is null or >= 1000);
        Assert.Equal(isTold, pair.Client.AcknowledgedBytes is not null);
        Assert.Equal(isTold ? 0 : null, pair.Client.UnacknowledgedBytes);

        // Nobody reads: what the peer's buffer doesn't take stays unacknowledged.
        await CancelScope.RunAsync(async scope =>
        {
            await TaskGroup.RunAsync(async group =>
            {
                group.Spawn(async () => await pair.Client.Output.WriteAsync(new byte[32 * 1024 * 1024]));
                await OnLoop.UntilAsync(() => pair.Client.UnacknowledgedBytes is null or > 0);
                scope.Cancel();
            });
        });
        pair.Client.Abort();
        Assert.Null(pair.Client.AcknowledgedBytes);
        Assert.Null(pair.Client.UnacknowledgedBytes);
    });

    [Fact]
    public void Half_closed_it_still_receives() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        await pair.Client.Output.WriteAsync("question"u8.ToArray());
        await pair.Client.Output.CompleteAsync();
        Assert.Equal("question", await Bytes.ReadTextToEndAsync(pair.Server.Input));
        await pair.Server.Output.WriteAsync("answer"u8.ToArray());
        await pair.Server.Output.CompleteAsync();
        Assert.Equal("answer", await Bytes.ReadTextToEndAsync(pair.Client.Input));
    });

    [Fact]
    public void Megabytes_both_ways_at_once_arrive_whole_and_leave_no_buffer_behind() => OnLoop.Run(async () =>
    {
        const int total = 8 * 1024 * 1024;
        EventLoop loop = EventLoop.Current;
        await using Pair pair = await Pair.ConnectAsync();
        int rentedMax = 0;
        await TaskGroup.RunAsync(group =>
        {
            group.Spawn(() => Bytes.SendPatternAsync(pair.Client.Output, total, seed: 1));
            group.Spawn(() => Bytes.SendPatternAsync(pair.Server.Output, total, seed: 2));
            group.Spawn(() => Bytes.ReceivePatternAsync(pair.Client.Input, total, seed: 2, Look));
            group.Spawn(() => Bytes.ReceivePatternAsync(pair.Server.Input, total, seed: 1, Look));
            return Task.CompletedTask;

            void Look() => rentedMax = Math.Max(rentedMax, loop.Statistics.BuffersRented);
        });

        // 64 KiB unsent and 64 KiB unread each way, in pages of 4 KiB at the least, and what is being written.
        Assert.InRange(rentedMax, 0, 200);
        await OnLoop.UntilAsync(() => loop.Statistics.BuffersRented == 0);
    });

    [Fact]
    public void A_writer_waits_while_the_peer_does_not_read_and_buffers_stay_bounded() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        await using Pair pair = await Pair.ConnectAsync();
        await TaskGroup.RunAsync(async group =>
        {
            long written = 0;
            group.Spawn(async () =>
            {
                byte[] chunk = new byte[10_000];
                while (true)
                {
                    await pair.Client.Output.WriteAsync(chunk);
                    written += chunk.Length;
                }
            });
            await OnLoop.UntilAsync(() => Coroutine.Current!.Children.Single().DescribeWaits().Contains("Send", StringComparison.Ordinal));
            Assert.InRange(loop.Statistics.BuffersRented, 1, 40);
            long stuck = written;
            long read = 0;
            while (read <= stuck + 1_000_000)
            {
                ReadResult result = await pair.Server.Input.ReadAsync();
                read += result.Buffer.Length;
                pair.Server.Input.AdvanceTo(result.Buffer.End);
            }

            Assert.InRange(written, stuck + 1, long.MaxValue);
            group.Cancel();
        });
    });

    [Fact]
    public void Aborted_the_peer_sees_a_reset_and_own_waits_fail() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        ValueTask<ReadResult> own = pair.Client.Input.ReadAsync();
        ValueTask<ReadResult> peers = pair.Server.Input.ReadAsync();
        pair.Client.Abort();
        Assert.True(pair.Client.IsClosing);
        var ownFailure = await Assert.ThrowsAsync<IOException>(async () => await own);
        Assert.Contains("aborted on this side", ownFailure.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:", ownFailure.Message, StringComparison.Ordinal);
        var failure = await Assert.ThrowsAsync<IOException>(async () => await peers);
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(failure.InnerException).SocketErrorCode);
        await Assert.ThrowsAsync<IOException>(async () => await pair.Server.Input.ReadAsync());
        pair.Client.Abort();
        Assert.Throws<ObjectDisposedException>(() => pair.Client.SetNoDelay(true));
    });

    [Fact]
    public void Completing_the_output_with_an_error_resets_the_connection() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        ValueTask<ReadResult> peers = pair.Server.Input.ReadAsync();
        await pair.Client.Output.CompleteAsync(new InvalidTimeZoneException());
        await Assert.ThrowsAsync<IOException>(async () => await peers);
    });

    [Fact]
    public void Writing_to_a_peer_that_reset_completes_the_flush_and_throws_through_the_stream() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        pair.Server.Abort();
        await Assert.ThrowsAsync<IOException>(async () => await pair.Client.Input.ReadAsync());
        FlushResult result = default;
        while (!result.IsCompleted)
        {
            result = await pair.Client.Output.WriteAsync(new byte[10]);
            await Coroutine.YieldAsync();
        }

        await Assert.ThrowsAsync<IOException>(async () => await pair.Client.AsStream().WriteAsync(new byte[10]));
    });

    [Fact]
    public void Socket_options_can_be_set() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync(new TcpConnectOptions { NoDelay = false });
        pair.Client.SetNoDelay(true);
        pair.Client.SetNoDelay(false);
        pair.Client.SetKeepAlive(true);
        pair.Client.SetKeepAlive(false);
        await pair.Client.Output.WriteAsync("x"u8.ToArray());
        Assert.Equal(1, (await pair.Server.Input.ReadAsync()).Buffer.Length);
    });

    [Fact]
    public void Writes_of_one_turn_go_out_in_one_send() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        await using Pair pair = await Pair.ConnectAsync();
        ValueTask<ReadResult> reading = pair.Server.Input.ReadAsync();
        for (int i = 0; i < 20; i++)
        {
            await pair.Client.Output.WriteAsync(new byte[10]);
        }

        Assert.Equal(200, (await reading).Buffer.Length);
    });

    [Fact]
    public void A_dribble_of_writes_in_turns_of_their_own_all_arrives() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        await TaskGroup.RunAsync(group =>
        {
            group.Spawn(async () =>
            {
                for (int i = 0; i < 2000; i++)
                {
                    await pair.Client.Output.WriteAsync(new byte[] { (byte)i });
                    await Coroutine.YieldAsync();
                }

                await pair.Client.Output.CompleteAsync();
            });
            group.Spawn(async () => Assert.Equal(2000, await Bytes.CountToEndAsync(pair.Server.Input)));
            return Task.CompletedTask;
        });
    });
}
