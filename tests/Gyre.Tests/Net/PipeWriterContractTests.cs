using System.IO.Pipelines;
using Gyre.Drivers;

namespace Gyre.Tests;

/// <summary>The contract of <see cref="PipeWriter"/>, to the letter.</summary>
public sealed class PipeWriterContractTests
{
    [Fact]
    public void Memory_is_at_least_as_large_as_asked_for() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        foreach (int size in new[] { 0, 1, 4096, 4097, 100_000 })
        {
            Assert.InRange(pair.Client.Output.GetMemory(size).Length, Math.Max(size, 1), int.MaxValue);
            Assert.InRange(pair.Client.Output.GetSpan(size).Length, Math.Max(size, 1), int.MaxValue);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Client.Output.GetMemory(-1));
    });

    [Fact]
    public void One_lease_is_advanced_several_times() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        PipeWriter writer = pair.Client.Output;
        Memory<byte> memory = writer.GetMemory(100);
        "abc"u8.CopyTo(memory.Span);
        writer.Advance(1);
        writer.Advance(0);
        writer.Advance(2);
        "def"u8.CopyTo(memory.Span[3..]);
        writer.Advance(3);
        Assert.Equal(6, writer.UnflushedBytes);
        Assert.True(writer.CanGetUnflushedBytes);
        await writer.FlushAsync();
        Assert.Equal(0, writer.UnflushedBytes);
        await writer.CompleteAsync();
        Assert.Equal("abcdef", await Bytes.ReadTextToEndAsync(pair.Server.Input));
    });

    [Fact]
    public void Memory_got_before_a_flush_is_still_the_writers_own_when_the_send_has_ended() => OnLoop.Run(async () =>
    {
        // The block went back to the pool while the caller still filled it: two connections then wrote into one block.
        EventLoop loop = EventLoop.Current;
        await using Pair pair = await Pair.ConnectAsync();
        await using Pair other = await Pair.ConnectAsync();
        PipeWriter writer = pair.Client.Output;
        "first"u8.CopyTo(writer.GetSpan(100));
        writer.Advance(5);
        await writer.FlushAsync();
        Memory<byte> lease = writer.GetMemory(100);
        ReadResult received = await pair.Server.Input.ReadAsync();
        pair.Server.Input.AdvanceTo(received.Buffer.End);
        await OnLoop.TurnsAsync(3);
        Memory<byte> others = other.Client.Output.GetMemory(100);
        others.Span.Fill((byte)'x');
        "second"u8.CopyTo(lease.Span);
        Assert.Equal((byte)'x', others.Span[0]);
        writer.Advance(6);
        await writer.FlushAsync();
        received = await pair.Server.Input.ReadAsync();
        Assert.Equal("second"u8, received.Buffer.FirstSpan);
        pair.Server.Input.AdvanceTo(received.Buffer.End);
        other.Client.Output.Advance(0);
        await other.Client.Output.FlushAsync();
        await OnLoop.UntilAsync(() => loop.Statistics.BuffersRented == 0);
    });

    [Fact]
    public void Memory_got_before_the_connection_broke_is_not_given_to_another() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        await using Pair pair = await Pair.ConnectAsync();
        await using Pair other = await Pair.ConnectAsync();
        PipeWriter writer = pair.Client.Output;
        Memory<byte> lease = writer.GetMemory(100);
        pair.Client.Abort();
        await OnLoop.UntilAsync(() => loop.Driver.Statistics.Connections <= 3);
        Memory<byte> others = other.Client.Output.GetMemory(100);
        others.Span.Fill((byte)'x');
        lease.Span.Fill((byte)'y');
        Assert.Equal((byte)'x', others.Span[0]);
        writer.Advance(100);
        FlushResult result = await writer.FlushAsync();
        Assert.True(result.IsCompleted);
        await other.Client.Output.FlushAsync();
        await OnLoop.UntilAsync(() => loop.Statistics.BuffersRented == 0);
    });

    [Fact]
    public void Advancing_past_the_memory_is_refused_with_the_numbers() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        PipeWriter writer = pair.Client.Output;
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(1));
        int room = writer.GetMemory().Length;
        var failure = Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(room + 1));
        Assert.Contains($"{room + 1}", failure.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(-1));
        writer.Advance(0);
    });

    [Fact]
    public void Nothing_is_sent_before_a_flush() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        pair.Client.Output.GetSpan(10)[..10].Clear();
        pair.Client.Output.Advance(10);
        ValueTask<ReadResult> reading = pair.Server.Input.ReadAsync();
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(2));
        Assert.False(reading.IsCompleted);
        await pair.Client.Output.FlushAsync();
        Assert.Equal(10, (await reading).Buffer.Length);
    });

    [Fact]
    public void Completed_it_sends_what_is_left_and_ends_the_output() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        PipeWriter writer = pair.Client.Output;
        "unflushed"u8.CopyTo(writer.GetSpan(9));
        writer.Advance(9);
        await writer.CompleteAsync();
        await writer.CompleteAsync();
        Assert.Throws<InvalidOperationException>(() => writer.GetMemory());
        Assert.Throws<InvalidOperationException>(() => writer.GetSpan());
        Assert.Equal("unflushed", await Bytes.ReadTextToEndAsync(pair.Server.Input));
    });

    [Fact]
    public void CancelPendingFlush_ends_a_flush_that_waits_and_the_bytes_still_go() => OnLoop.Run(async () =>
    {
        const int total = 4_000_000;
        await using Pair pair = await Pair.ConnectAsync();
        PipeWriter writer = pair.Client.Output;
        writer.GetSpan(total)[..total].Clear();
        writer.Advance(total);
        ValueTask<FlushResult> flushing = writer.FlushAsync();
        Assert.False(flushing.IsCompleted);
        writer.CancelPendingFlush();
        FlushResult result = await flushing;
        Assert.True(result.IsCanceled);
        Assert.False(result.IsCompleted);
        await writer.CompleteAsync();
        Assert.Equal(total, await Bytes.CountToEndAsync(pair.Server.Input));
    });

    [Fact]
    public void CancelPendingFlush_with_no_flush_pending_cancels_the_next_and_only_that() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        pair.Client.Output.CancelPendingFlush();
        Assert.True((await pair.Client.Output.WriteAsync(new byte[1])).IsCanceled);
        Assert.False((await pair.Client.Output.WriteAsync(new byte[1])).IsCanceled);
        ReadResult received = await pair.Server.Input.ReadAtLeastAsync(2);
        Assert.Equal(2, received.Buffer.Length);
    });

    [Fact]
    public void A_flush_cancelled_while_it_waits_has_taken_the_bytes() => OnLoop.Run(async () =>
    {
        // Far more than the system's buffers take at once, which grow with what it remembers of earlier connections.
        const int total = 64_000_000;
        await using Pair pair = await Pair.ConnectAsync();
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            EventLoop.Current.Post(() => scope.Cancel());
            pair.Client.Output.GetSpan(total)[..total].Clear();
            pair.Client.Output.Advance(total);
            await pair.Client.Output.FlushAsync();
        });
        Assert.True(scope.CancelledCaught);
        await pair.Client.Output.CompleteAsync();
        Assert.Equal(total, await Bytes.CountToEndAsync(pair.Server.Input));
    });

    [Fact]
    public void A_flush_in_a_cancelled_scope_takes_nothing_and_the_bytes_stay_unflushed() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel();
            pair.Client.Output.GetSpan(3)[..3].Clear();
            pair.Client.Output.Advance(3);
            await pair.Client.Output.FlushAsync();
        });
        Assert.Equal(3, pair.Client.Output.UnflushedBytes);
        await pair.Client.Output.FlushAsync();
        Assert.Equal(3, (await pair.Server.Input.ReadAsync()).Buffer.Length);
    });

    [Fact]
    public void An_idle_connection_holds_no_block() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        await using Pair pair = await Pair.ConnectAsync();
        pair.Client.Output.GetSpan(100);
        await pair.Client.Output.FlushAsync();
        Assert.Equal(0, loop.Statistics.BuffersRented);
        for (int i = 0; i < 3; i++)
        {
            await pair.Client.Output.WriteAsync("abc"u8.ToArray());
            ReadResult result = await pair.Server.Input.ReadAtLeastAsync(3);
            pair.Server.Input.AdvanceTo(result.Buffer.End);
            ValueTask<ReadResult> waiting = pair.Server.Input.ReadAsync();
            await OnLoop.UntilAsync(() => loop.Statistics.BuffersRented == 0);
            pair.Server.Input.CancelPendingRead();
            await waiting;
            pair.Server.Input.AdvanceTo(default);
        }

        if (loop.Driver.Capabilities.HasFlag(DriverCapabilities.IdleWithoutBuffer))
        {
            Assert.Equal(0, loop.Driver.Statistics.BuffersHeld);
        }
    });
}
