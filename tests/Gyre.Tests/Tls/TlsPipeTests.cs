using System.Buffers;
using System.IO.Pipelines;
using Gyre.Net;
using Gyre.Tls;

namespace Gyre.Tests;

/// <summary>The pipes of plain text, to the letter of their contract.</summary>
public sealed class TlsPipeTests
{
    private const int Megabyte = 1_000_000;

    [Fact]
    public void A_megabyte_each_way_at_once() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await TaskGroup.RunAsync(group =>
        {
            group.Spawn(() => Bytes.SendPatternAsync(pair.Client.Output, Megabyte, 1));
            group.Spawn(() => Bytes.SendPatternAsync(pair.Server.Output, Megabyte, 2));
            group.Spawn(() => Bytes.ReceivePatternAsync(pair.Server.Input, Megabyte, 1, static () => { }));
            group.Spawn(() => Bytes.ReceivePatternAsync(pair.Client.Input, Megabyte, 2, static () => { }));
            return Task.CompletedTask;
        });
    });

    [Fact]
    public void Examined_bytes_are_not_shown_again_before_more_comes() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await HandshakeTests.SendAsync(pair.Client, "ab");
        ReadResult result = await pair.Server.Input.ReadAsync();
        pair.Server.Input.AdvanceTo(result.Buffer.GetPosition(1), result.Buffer.End);
        Assert.False(pair.Server.Input.TryRead(out _));
        await HandshakeTests.SendAsync(pair.Client, "c");
        result = await pair.Server.Input.ReadAsync();
        Assert.Equal("bc"u8.ToArray(), result.Buffer.ToArray());

        // Not examined to the end: shown again at once.
        pair.Server.Input.AdvanceTo(result.Buffer.Start, result.Buffer.GetPosition(1));
        Assert.True(pair.Server.Input.TryRead(out result));
        Assert.Equal(2, result.Buffer.Length);
        pair.Server.Input.AdvanceTo(result.Buffer.End);
    });

    [Fact]
    public void AdvanceTo_takes_positions_of_the_last_read_only() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await HandshakeTests.SendAsync(pair.Client, "ab");
        ReadResult result = await pair.Server.Input.ReadAsync();
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Server.Input.AdvanceTo(result.Buffer.End, result.Buffer.Start));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await pair.Server.Input.ReadAsync());
        pair.Server.Input.AdvanceTo(result.Buffer.End);
        Assert.Throws<InvalidOperationException>(() => pair.Server.Input.AdvanceTo(result.Buffer.End));
    });

    [Fact]
    public void TryRead_begins_to_receive_and_sees_something_in_the_end() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        Assert.False(pair.Server.Input.TryRead(out _));
        await HandshakeTests.SendAsync(pair.Client, "a");
        ReadResult result = default;
        await OnLoop.UntilAsync(() => pair.Server.Input.TryRead(out result));
        Assert.Equal(1, result.Buffer.Length);
        pair.Server.Input.AdvanceTo(result.Buffer.End);
    });

    [Fact]
    public void CancelPendingRead_ends_one_read_and_loses_nothing() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<ReadResult> reading = group.Spawn(async () => await pair.Server.Input.ReadAsync());
            await OnLoop.TurnsAsync(3);
            pair.Server.Input.CancelPendingRead();
            ReadResult result = await reading;
            Assert.True(result.IsCanceled && result.Buffer.IsEmpty && !result.IsCompleted);
            pair.Server.Input.AdvanceTo(result.Buffer.End);
        });
        await HandshakeTests.SendAsync(pair.Client, "abc");
        Assert.Equal("abc", await HandshakeTests.ReadAsync(pair.Server, 3));

        // Without a read, it ends the next.
        pair.Server.Input.CancelPendingRead();
        ReadResult next = await pair.Server.Input.ReadAsync();
        Assert.True(next.IsCanceled);
        pair.Server.Input.AdvanceTo(next.Buffer.End);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_cancelled_read_loses_nothing(bool asStream) => OnLoop.Run(async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        byte[] destination = new byte[8];
        CancelScope scope = await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(1), async _ =>
        {
            if (asStream)
            {
                await pair.Server.AsStream().ReadExactlyAsync(destination);
            }
            else
            {
                await pair.Server.Input.ReadAsync();
            }
        });
        Assert.True(scope.CancelledCaught);
        using var source = new CancellationTokenSource();
        EventLoop.Current.Post(source.Cancel);
        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await pair.Server.Input.ReadAsync(source.Token));
        Assert.Equal(source.Token, error.CancellationToken);
        await HandshakeTests.SendAsync(pair.Client, "abc");
        await OnLoop.TurnsAsync(10);
        Assert.Equal(new byte[8], destination);
        Assert.Equal("abc", await HandshakeTests.ReadAsync(pair.Server, 3));
    });

    [Fact]
    public void A_cancelled_flush_still_sends_what_it_took() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        long sent = 0;
        CancelScope scope = await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(20), async _ =>
        {
            while (true)
            {
                pair.Server.Output.Write(new byte[100_000]);
                sent += 100_000;
                await pair.Server.Output.FlushAsync();
            }
        });
        Assert.True(scope.CancelledCaught);
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<long> counting = group.Spawn(() => Bytes.CountToEndAsync(pair.Client.Input));
            await pair.Server.ShutdownAsync();
            Assert.Equal(sent, await counting);
        });
    });

    [Fact]
    public void CancelPendingFlush_ends_one_flush() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await TaskGroup.RunAsync(async group =>
        {
            FlushResult result = default;
            group.Spawn(async () =>
            {
                while (!result.IsCanceled)
                {
                    result = await pair.Server.Output.WriteAsync(new byte[100_000]);
                }
            });
            await OnLoop.TurnsAsync(100);
            pair.Server.Output.CancelPendingFlush();
        });
    });

    [Fact]
    public void What_is_written_between_two_flushes_is_one_record() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        PipeWriter output = pair.Server.Output;
        for (int i = 0; i < 160; i++)
        {
            output.GetSpan(100)[..100].Fill((byte)i);
            output.Advance(100);
        }

        Assert.Equal(16_000, output.UnflushedBytes);
        await output.FlushAsync();
        Assert.Equal(0, output.UnflushedBytes);
        ReadResult cipher = await pair.Below.Client.Input.ReadAtLeastAsync(16_000);

        // Tickets of TLS 1.3 may stand before it.
        List<int> records = RecordLengths(cipher.Buffer);
        Assert.Single(records, static length => length > 1000);
        Assert.InRange(records[^1], 16_000, 16_100);
        pair.Below.Client.Input.AdvanceTo(cipher.Buffer.Start, cipher.Buffer.Start);
        ReadResult plain = await pair.Client.Input.ReadAtLeastAsync(16_000);
        Assert.Equal(Enumerable.Range(0, 16_000).Select(static at => (byte)(at / 100)), plain.Buffer.ToArray());
        pair.Client.Input.AdvanceTo(plain.Buffer.End);
    });

    [Fact]
    public void A_full_record_is_one_record() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await pair.Server.Output.WriteAsync(new byte[16 * 1024]);
        ReadResult cipher = await pair.Below.Client.Input.ReadAtLeastAsync(16 * 1024);
        Assert.InRange(RecordLengths(cipher.Buffer).Max(), 16 * 1024, 17 * 1024);
        pair.Below.Client.Input.AdvanceTo(cipher.Buffer.End);
    });

    [Fact]
    public void While_idle_no_buffer_is_held() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await HandshakeTests.SendAsync(pair.Client, "ping");
        Assert.Equal("ping", await HandshakeTests.ReadAsync(pair.Server, 4));
        await HandshakeTests.SendAsync(pair.Server, "pong");
        Assert.Equal("pong", await HandshakeTests.ReadAsync(pair.Client, 4));
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () => await pair.Server.Input.ReadAsync());
            group.Spawn(async () => await pair.Client.AsStream().ReadExactlyAsync(new byte[1]));
            await OnLoop.UntilAsync(static () => EventLoop.Current.Buffers.Slabs.Rented == 0);
            group.Cancel();
        });
    });

    [Fact]
    public void A_second_reader_is_refused() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () => await pair.Server.Input.ReadAsync());
            await OnLoop.TurnsAsync(2);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await pair.Server.Input.ReadAsync());
            group.Cancel();
        });
    });

    [Fact]
    public void Completed_ends_refuse() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await pair.Server.Output.CompleteAsync();
        Assert.Throws<InvalidOperationException>(() => pair.Server.Output.GetMemory());
        await pair.Server.Input.CompleteAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await pair.Server.Input.ReadAsync());
        await pair.Client.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await pair.Client.Input.ReadAsync());
        Assert.Throws<ObjectDisposedException>(() => pair.Client.Output.GetMemory());
    });

    [Fact]
    public void Memory_that_was_got_stays_the_writers_when_the_connection_ends() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        Memory<byte> memory = pair.Server.Output.GetMemory(10);
        pair.Server.Abort();
        await using Pair other = await Pair.ConnectAsync();
        Memory<byte> others = other.Client.Output.GetMemory(memory.Length);
        memory.Span.Fill(1);
        others.Span.Clear();
        Assert.Equal(1, memory.Span[0]);
        pair.Server.Output.Advance(10);
        Assert.True((await pair.Server.Output.FlushAsync()).IsCompleted);
    });

    [Fact]
    public void The_tree_says_who_waits_for_what() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<ReadResult> reading = group.Spawn(async () => await pair.Server.Input.ReadAsync());
            await OnLoop.TurnsAsync(2);
            Assert.Contains("TLS over TcpConnection", reading.Node.DescribeWaits(), StringComparison.Ordinal);
            group.Cancel();
        });
    });

    private static List<int> RecordLengths(ReadOnlySequence<byte> cipher)
    {
        var lengths = new List<int>();
        byte[] bytes = cipher.ToArray();
        for (int at = 0; at + 5 <= bytes.Length;)
        {
            int length = (bytes[at + 3] << 8) | bytes[at + 4];
            lengths.Add(length);
            at += 5 + length;
        }

        return lengths;
    }
}
