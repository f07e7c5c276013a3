using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Gyre.Drivers;
using Gyre.Interop.Linux;
using Gyre.Net;
using Gyre.Tests.Drivers;

namespace Gyre.Tests.Net;

/// <summary>Files over a connection, on the driver of the run: by the driver's own send or by reading, whichever it has.</summary>
public sealed class SendFileTests
{
    private const int Seed = 11;
    private const int Large = 16 * 1024 * 1024;

    public static TheoryData<int> Sizes => [0, 1, 4095, 4096, 16_384, 16_385, 65_536, 524_288, 524_289, 3_000_007];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void What_was_written_goes_first_and_then_exactly_the_file(int size) => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        using var file = new TempFile(size, Seed);
        int rented = EventLoop.Current.Statistics.BuffersRented;
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () =>
            {
                for (int i = 0; i < 3; i++)
                {
                    pair.Client.Output.Write("head"u8);
                    await pair.Client.SendFileAsync(file.Handle, 0, size);
                }

                await pair.Client.Output.WriteAsync("end"u8.ToArray());
            });
            for (int i = 0; i < 3; i++)
            {
                await ExpectTextAsync(pair.Server.Input, "head");
                await Bytes.ReceivePatternAsync(pair.Server.Input, size, Seed, static () => { }, exactly: true);
            }

            await ExpectTextAsync(pair.Server.Input, "end");
        });
        await OnLoop.UntilAsync(() => EventLoop.Current.Statistics.BuffersRented == rented);
    });

    [Theory]
    [InlineData(100)]
    [InlineData(100_000)]
    public void A_piece_from_an_offset_is_that_piece(int count) => OnLoop.Run(async () =>
    {
        const int offset = 333;
        await using Pair pair = await Pair.ConnectAsync();
        using var file = new TempFile(offset + count + 1000, Seed);
        await pair.Client.SendFileAsync(file.Handle, offset, count);
        await pair.Client.Output.CompleteAsync();
        byte[] received = await ReadToEndAsync(pair.Server.Input);
        Assert.Equal(count, received.Length);
        Assert.Equal(Enumerable.Range(offset, count).Select(static at => Bytes.At(at, Seed)), received);
    });

    [Fact]
    public void A_file_larger_than_the_sockets_hold_waits_while_the_loop_goes_on() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        await using Pair other = await Pair.ConnectAsync();
        using var file = new TempFile(Large, Seed);
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine sending = group.Spawn(async () => await pair.Client.SendFileAsync(file.Handle, 0, Large));
            for (int i = 0; i < 20; i++)
            {
                await other.Client.Output.WriteAsync(new byte[10]);
                await ExpectBytesAsync(other.Server.Input, 10);
            }

            Assert.False(sending.IsDone, "The sockets hold all of the file; the test needs a larger one.");
            await Bytes.ReceivePatternAsync(pair.Server.Input, Large, Seed, static () => { });
            await sending;
        });
    });

    [Theory]
    [InlineData(100)]
    [InlineData(1_000_000)]
    public void A_file_that_is_too_short_is_named_and_ends_the_connection(int size) => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        using var file = new TempFile(size, Seed);
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () => await DrainAsync(pair.Server.Input));
            IOException error = await Assert.ThrowsAsync<IOException>(
                async () => await pair.Client.SendFileAsync(file.Handle, 0, size + 1));
            if (OperatingSystem.IsLinux())
            {
                Assert.Contains(file.Path, error.Message, StringComparison.Ordinal);
            }

            Assert.True(pair.Client.IsClosing);
        });
    });

    [Fact]
    public void A_file_that_is_cut_while_it_is_sent_ends_the_connection() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        using var file = new TempFile(Large, Seed);
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine sending = group.Spawn(async () =>
            {
                await Assert.ThrowsAnyAsync<IOException>(async () => await pair.Client.SendFileAsync(file.Handle, 0, Large));
            });
            await OnLoop.TurnsAsync(50);
            file.Cut(0);
            await DrainAsync(pair.Server.Input);
            await sending;
            Assert.True(pair.Client.IsClosing);
        });
    });

    [Fact]
    public void Cancelled_in_the_middle_it_aborts_the_connection() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        using var file = new TempFile(Large, Seed);
        bool left = false;
        await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(20), async _ =>
        {
            await pair.Client.SendFileAsync(file.Handle, 0, Large);
            left = true;
        });
        Assert.False(left);
        Assert.True(pair.Client.IsClosing);
        await DrainAsync(pair.Server.Input);
        Assert.False(file.Handle.IsClosed);
    });

    [Theory]
    [InlineData(100)]
    [InlineData(Large)]
    public void Cancelled_before_it_has_sent_nothing(int size) => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        using var file = new TempFile(size, Seed);
        using var source = new CancellationTokenSource();
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await pair.Client.SendFileAsync(file.Handle, 0, size, source.Token));
        Assert.False(pair.Client.IsClosing);
        await pair.Client.Output.WriteAsync("still here"u8.ToArray());
        await pair.Client.Output.CompleteAsync();
        Assert.Equal("still here", Encoding.ASCII.GetString(await ReadToEndAsync(pair.Server.Input)));
    });

    [Fact]
    public void A_token_that_is_cancelled_in_the_middle_aborts_too() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        using var file = new TempFile(Large, Seed);
        using var source = new CancellationTokenSource();
        EventLoop.Current.CallLater(TimeSpan.FromMilliseconds(20), source.Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await pair.Client.SendFileAsync(file.Handle, 0, Large, source.Token));
        Assert.True(pair.Client.IsClosing);
    });

    [Fact]
    public void A_reset_by_the_peer_ends_it() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        using var file = new TempFile(Large, Seed);
        EventLoop.Current.CallLater(TimeSpan.FromMilliseconds(20), pair.Server.Abort);
        await Assert.ThrowsAnyAsync<IOException>(async () => await pair.Client.SendFileAsync(file.Handle, 0, Large));
        await Assert.ThrowsAnyAsync<Exception>(async () => await pair.Client.SendFileAsync(file.Handle, 0, Large));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Closed_in_the_middle_it_fails_and_the_peer_sees_no_proper_end(bool abort) => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        using var file = new TempFile(Large, Seed);
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () =>
            {
                await Assert.ThrowsAnyAsync<Exception>(async () => await pair.Client.SendFileAsync(file.Handle, 0, Large));
            });
            await OnLoop.TurnsAsync(50);
            if (abort)
            {
                pair.Client.Abort();
            }
            else
            {
                await pair.Client.DisposeAsync();
            }

            Assert.True(await DrainAsync(pair.Server.Input) is not null, "The peer saw the end of the stream after a part of the file.");
        });
    });

    [Fact]
    public void What_can_not_be_sent_is_refused() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        using var file = new TempFile(10, Seed);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await pair.Client.SendFileAsync(file.Handle, -1, 1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await pair.Client.SendFileAsync(file.Handle, 0, -1));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await pair.Client.SendFileAsync(null!, 0, 1));
        file.Handle.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await pair.Client.SendFileAsync(file.Handle, 0, 1));
        Assert.False(pair.Client.IsClosing);
        await pair.Client.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await pair.Client.SendFileAsync(file.Handle, 0, 1));
    });

    [Fact]
    public void Nothing_is_flushed_into_a_file_that_the_driver_sends() => OnLoop.Run(async () =>
    {
        RequireDriverThatSendsFiles();
        await using Pair pair = await Pair.ConnectAsync();
        using var file = new TempFile(Large, Seed);
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine sending = group.Spawn(async () => await pair.Client.SendFileAsync(file.Handle, 0, Large));
            await OnLoop.TurnsAsync(50);
            pair.Client.Output.Write("too early"u8);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await pair.Client.Output.FlushAsync());
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await pair.Client.SendFileAsync(file.Handle, 0, 1));
            await Bytes.ReceivePatternAsync(pair.Server.Input, Large, Seed, static () => { });
            await sending;
            await pair.Client.Output.FlushAsync();
            await ExpectTextAsync(pair.Server.Input, "too early");
        });
    });

    [Theory]
    [InlineData(1000)]
    [InlineData(2_000_000)]
    public void What_is_not_in_the_cache_is_read_on_the_pool(int size) => OnLoop.Run(async () =>
    {
        RequireDriverThatSendsFiles();
        await using Pair pair = await Pair.ConnectAsync();
        using var file = new TempFile(size, Seed);
        using var fault = FaultScope.Always("preadv2", Errno.EAGAIN);
        await SendAndReceiveAsync(pair, file, size);
        Assert.True(fault.Calls("preadv2") > 0, "Nobody looked at the cache.");
    });

    [Theory]
    [InlineData(1000)]
    [InlineData(2_000_000)]
    public void Where_the_cache_can_not_be_looked_at_all_counts_as_there(int size) => OnLoop.Run(async () =>
    {
        RequireDriverThatSendsFiles();
        await using Pair pair = await Pair.ConnectAsync();
        using var file = new TempFile(size, Seed);
        using var fault = FaultScope.Always("preadv2", Errno.EOPNOTSUPP);
        await SendAndReceiveAsync(pair, file, size);
        Assert.Equal(size > 16_384, fault.Calls("sendfile") > 0);
    });

    [Fact]
    public void A_file_that_the_system_can_not_send_is_read() => OnLoop.Run(async () =>
    {
        RequireDriverThatSendsFiles();
        await using Pair pair = await Pair.ConnectAsync();
        using var file = new TempFile(2_000_000, Seed);
        using var fault = FaultScope.Always("sendfile", Errno.EINVAL);
        await SendAndReceiveAsync(pair, file, 2_000_000);
        Assert.Equal(1, fault.Calls("sendfile"));
    });

    private static async Task SendAndReceiveAsync(Pair pair, TempFile file, int size) => await TaskGroup.RunAsync(async group =>
    {
        group.Spawn(async () =>
        {
            pair.Client.Output.Write("head"u8);
            await pair.Client.SendFileAsync(file.Handle, 0, size);
            await pair.Client.Output.WriteAsync("end"u8.ToArray());
        });
        await ExpectTextAsync(pair.Server.Input, "head");
        await Bytes.ReceivePatternAsync(pair.Server.Input, size, Seed, static () => { }, exactly: true);
        await ExpectTextAsync(pair.Server.Input, "end");
    });

    private static void RequireDriverThatSendsFiles() => Assert.SkipUnless(
        EventLoop.Current.Driver.Capabilities.HasFlag(DriverCapabilities.SendFile),
        $"driver: the {EventLoop.Current.DriverName} driver doesn't send files by itself.");

    private static async Task ExpectTextAsync(PipeReader input, string text)
    {
        ReadResult result = await input.ReadAtLeastAsync(text.Length);
        ReadOnlySequence<byte> head = result.Buffer.Slice(0, text.Length);
        Assert.Equal(text, Encoding.ASCII.GetString(head));
        input.AdvanceTo(head.End);
    }

    private static async Task ExpectBytesAsync(PipeReader input, int count)
    {
        ReadResult result = await input.ReadAtLeastAsync(count);
        input.AdvanceTo(result.Buffer.GetPosition(count));
    }

    private static async Task<byte[]> ReadToEndAsync(PipeReader input)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync();
            if (result.IsCompleted)
            {
                return result.Buffer.ToArray();
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    /// <summary>Reads to the end; what broke the stream, or null when it ended properly.</summary>
    private static async Task<IOException?> DrainAsync(PipeReader input)
    {
        try
        {
            await Bytes.CountToEndAsync(input);
            return null;
        }
        catch (IOException broken)
        {
            return broken;
        }
    }
}
