using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Gyre.Tests;

/// <summary>The contract of <see cref="PipeReader"/>, to the letter.</summary>
public sealed class PipeReaderContractTests
{
    [Fact]
    public void What_was_not_consumed_is_read_again() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        PipeReader reader = pair.Server.Input;
        await pair.Client.Output.WriteAsync("abcdef"u8.ToArray());
        ReadResult result = await reader.ReadAsync();
        reader.AdvanceTo(result.Buffer.GetPosition(2));
        Assert.Equal("cdef", Text(result = await reader.ReadAsync()));
        reader.AdvanceTo(result.Buffer.Start);
        Assert.Equal("cdef", Text(result = await reader.ReadAsync()));
        reader.AdvanceTo(result.Buffer.End);
        Assert.False(reader.TryRead(out _));
    });

    [Fact]
    public void What_was_examined_waits_for_more_and_then_comes_whole() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        PipeReader reader = pair.Server.Input;
        await pair.Client.Output.WriteAsync("abc"u8.ToArray());
        ReadResult result = await reader.ReadAsync();
        reader.AdvanceTo(result.Buffer.GetPosition(1), result.Buffer.End);
        Assert.False(reader.TryRead(out _));
        ValueTask<ReadResult> reading = reader.ReadAsync();
        await OnLoop.TurnsAsync(5);
        Assert.False(reading.IsCompleted);
        await pair.Client.Output.WriteAsync("def"u8.ToArray());
        Assert.Equal("bcdef", Text(result = await reading));
        reader.AdvanceTo(result.Buffer.End);
    });

    [Fact]
    public void Examined_only_in_part_it_is_given_at_once() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        PipeReader reader = pair.Server.Input;
        await pair.Client.Output.WriteAsync("abc"u8.ToArray());
        ReadResult result = await reader.ReadAsync();
        reader.AdvanceTo(result.Buffer.Start, result.Buffer.GetPosition(2));
        Assert.True(reader.TryRead(out result));
        Assert.Equal("abc", Text(result));
        reader.AdvanceTo(result.Buffer.End);
    });

    [Fact]
    public void The_end_comes_with_the_last_bytes_or_after_them_and_stays() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        PipeReader reader = pair.Server.Input;
        await pair.Client.Output.WriteAsync("abc"u8.ToArray());
        await pair.Client.Output.CompleteAsync();
        Assert.Equal("abc", await Bytes.ReadTextToEndAsync(reader));
        for (int i = 0; i < 3; i++)
        {
            ReadResult result = await reader.ReadAsync();
            Assert.True(result.IsCompleted);
            Assert.True(result.Buffer.IsEmpty);
            reader.AdvanceTo(result.Buffer.End);
        }

        Assert.True(reader.TryRead(out ReadResult last));
        Assert.True(last.IsCompleted);
    });

    [Fact]
    public void Misuse_of_AdvanceTo_is_refused_and_does_no_harm() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        PipeReader reader = pair.Server.Input;
        Assert.Throws<InvalidOperationException>(() => reader.AdvanceTo(default));
        await pair.Client.Output.WriteAsync("abcdef"u8.ToArray());
        ReadResult result = await reader.ReadAsync();
        Assert.Throws<InvalidOperationException>(() => { _ = reader.ReadAsync(); });
        Assert.Throws<InvalidOperationException>(() => reader.TryRead(out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.AdvanceTo(result.Buffer.GetPosition(3), result.Buffer.GetPosition(2)));
        reader.AdvanceTo(result.Buffer.GetPosition(4));
        Assert.Throws<InvalidOperationException>(() => reader.AdvanceTo(result.Buffer.End));

        // A position of the read before lies behind what was consumed since.
        SequencePosition stale = result.Buffer.GetPosition(1);
        result = await reader.ReadAsync();
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.AdvanceTo(stale));
        Assert.Equal("ef", Text(result));
        reader.AdvanceTo(result.Buffer.End);
    });

    [Fact]
    public void A_second_read_at_once_is_refused_also_when_the_first_was_just_woken() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        PipeReader reader = pair.Server.Input;
        Stream stream = pair.Server.AsStream();
        byte[] buffer = new byte[10];
        ValueTask<int> first = stream.ReadAsync(buffer);
        Assert.Throws<InvalidOperationException>(() => { _ = reader.ReadAsync(); });
        await pair.Client.Output.WriteAsync("abc"u8.ToArray());
        await OnLoop.UntilAsync(() => first.IsCompleted);

        // The bytes are promised to the first; the second would take them, and the first see an end that isn't one.
        Assert.Throws<InvalidOperationException>(() => { _ = reader.ReadAsync(); });
        Assert.Equal(3, await first);
    });

    [Fact]
    public void CancelPendingRead_ends_a_read_with_what_is_there() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        PipeReader reader = pair.Server.Input;
        ValueTask<ReadResult> reading = reader.ReadAsync();
        reader.CancelPendingRead();
        ReadResult result = await reading;
        Assert.True(result.IsCanceled);
        Assert.True(result.Buffer.IsEmpty);
        Assert.False(result.IsCompleted);
        reader.AdvanceTo(result.Buffer.End);
        await pair.Client.Output.WriteAsync("abc"u8.ToArray());
        result = await reader.ReadAsync();
        Assert.False(result.IsCanceled);
        reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        reading = reader.ReadAsync();
        reader.CancelPendingRead();
        result = await reading;
        Assert.True(result.IsCanceled);
        Assert.Equal("abc", Text(result));
        reader.AdvanceTo(result.Buffer.End);
    });

    [Fact]
    public void CancelPendingRead_with_no_read_pending_cancels_the_next_and_only_that() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        PipeReader reader = pair.Server.Input;
        reader.CancelPendingRead();
        ReadResult result = await reader.ReadAsync();
        Assert.True(result.IsCanceled);
        reader.AdvanceTo(result.Buffer.End);
        Assert.False(reader.TryRead(out _));
    });

    [Fact]
    public void CancelPendingRead_ends_a_read_of_the_stream_with_a_cancellation_not_with_an_end() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        ValueTask<int> reading = pair.Server.AsStream().ReadAsync(new byte[10]);
        pair.Server.Input.CancelPendingRead();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading);
        pair.Server.Input.CancelPendingRead();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pair.Server.AsStream().ReadAsync(new byte[10]).AsTask());
        await pair.Client.Output.WriteAsync("abc"u8.ToArray());
        Assert.Equal(3, await pair.Server.AsStream().ReadAsync(new byte[10]));
    });

    [Fact]
    public void A_read_cancelled_by_its_scope_loses_nothing() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        PipeReader reader = pair.Server.Input;
        for (int i = 0; i < 100; i++)
        {
            CancelScope scope = await CancelScope.RunAsync(async scope =>
            {
                EventLoop.Current.Post(() => scope.Cancel());
                ReadResult result = await reader.ReadAsync();
                reader.AdvanceTo(result.Buffer.End);
            });
            Assert.True(scope.CancelledCaught);
        }

        await pair.Client.Output.WriteAsync("abc"u8.ToArray());
        Assert.Equal("abc", Text(await reader.ReadAsync()));
    });

    [Fact]
    public void Completed_it_refuses_to_read_and_drops_what_arrives() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        await using Pair pair = await Pair.ConnectAsync();
        PipeReader reader = pair.Server.Input;
        ValueTask<ReadResult> reading = reader.ReadAsync();
        await reader.CompleteAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await reading);
        await reader.CompleteAsync();
        Assert.Throws<InvalidOperationException>(() => { _ = reader.ReadAsync(); });
        Assert.Throws<InvalidOperationException>(() => reader.TryRead(out _));
        await pair.Client.Output.WriteAsync(new byte[1000]);
        await OnLoop.UntilAsync(() => loop.Statistics.BuffersRented == 0);
    });

    [Fact]
    public void A_reader_that_only_ever_tries_sees_the_bytes_in_the_end() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        await pair.Client.Output.WriteAsync("abc"u8.ToArray());
        ReadResult result = default;
        await OnLoop.UntilAsync(() => pair.Server.Input.TryRead(out result));
        Assert.Equal("abc", Text(result));
        pair.Server.Input.AdvanceTo(result.Buffer.End);
    });

    [Fact]
    public void More_than_the_pause_threshold_is_given_to_a_reader_that_examines_all_and_consumes_nothing() => OnLoop.Run(async () =>
    {
        const int total = 1_000_000;
        await using Pair pair = await Pair.ConnectAsync();
        await TaskGroup.RunAsync(group =>
        {
            group.Spawn(() => Bytes.SendPatternAsync(pair.Client.Output, total, seed: 3));
            group.Spawn(async () =>
            {
                ReadResult result = await pair.Server.Input.ReadAtLeastAsync(total);
                Assert.Equal(total, result.Buffer.Length);
                byte[] all = result.Buffer.ToArray();
                Assert.Equal(Bytes.At(total - 1, seed: 3), all[^1]);
                pair.Server.Input.AdvanceTo(result.Buffer.End);
            });
            return Task.CompletedTask;
        });
    });

    [Fact]
    public void What_a_reader_looks_at_survives_an_abort_by_another_flow() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        await using Pair pair = await Pair.ConnectAsync();
        await using Pair other = await Pair.ConnectAsync();
        await pair.Client.Output.WriteAsync("secret of one"u8.ToArray());
        ReadResult held = await pair.Server.Input.ReadAsync();
        pair.Server.Input.AdvanceTo(held.Buffer.Start, held.Buffer.End);
        await pair.Client.Output.WriteAsync("!"u8.ToArray());
        held = await pair.Server.Input.ReadAsync();
        pair.Server.Abort();
        await OnLoop.UntilAsync(() => loop.Driver.Statistics.Connections <= 3);

        // Another connection's bytes must not appear in the memory that is still looked at.
        await other.Client.Output.WriteAsync("bytes of another connection"u8.ToArray());
        ReadResult others = await other.Server.Input.ReadAsync();
        other.Server.Input.AdvanceTo(others.Buffer.Start, others.Buffer.End);
        await other.Client.Output.WriteAsync("?"u8.ToArray());
        others = await other.Server.Input.ReadAsync();
        Assert.Equal("secret of one!", Text(held));
        pair.Server.Input.AdvanceTo(held.Buffer.End);
        other.Server.Input.AdvanceTo(others.Buffer.End);
        await Assert.ThrowsAsync<IOException>(async () => await pair.Server.Input.ReadAsync());
        await OnLoop.UntilAsync(() => loop.Statistics.BuffersRented == 0);
    });

    [Fact]
    public void An_abort_in_the_turn_of_a_read_is_no_end_of_the_stream() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        byte[] buffer = new byte[10];
        Task<int> reading = ReadAsync();
        await Coroutine.YieldAsync();
        pair.Server.Abort();
        await Assert.ThrowsAsync<IOException>(() => reading);

        async Task<int> ReadAsync() => await pair.Server.AsStream().ReadAsync(buffer);
    });

    private static string Text(ReadResult result) => Encoding.ASCII.GetString(result.Buffer);
}
