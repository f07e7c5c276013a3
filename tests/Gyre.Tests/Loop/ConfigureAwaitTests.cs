using System.Net;
using System.Text;
using Gyre.Net;

namespace Gyre.Tests;

/// <summary>
/// Behind <c>ConfigureAwait(false)</c>, loop-owned operations go on on the loop's thread, without a context, in their coroutine
/// and scope.
/// </summary>
public sealed class ConfigureAwaitTests
{
    [Fact]
    public void Yield() => StaysHome(static async () => await Coroutine.YieldAsync().ConfigureAwait(false));

    [Fact]
    public void Sleep() => StaysHome(static async () => await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1)).ConfigureAwait(false));

    [Fact]
    public void Join() => StaysHome(static async () =>
    {
        Coroutine child = EventLoop.Current.Spawn(static async () => await Coroutine.YieldAsync());
        await child.WaitAsync().ConfigureAwait(false);
    });

    [Fact]
    public void Join_with_a_value() => StaysHome(static () => TaskGroup.RunAsync(static async group =>
    {
        Coroutine<int> child = group.Spawn(static async () =>
        {
            await Coroutine.YieldAsync();
            return 7;
        });
        Assert.Equal(7, await child.WaitAsync().ConfigureAwait(false));
        AssertAtHome();
    }));

    [Fact]
    public void A_scope() => StaysHome(static async () =>
        await CancelScope.RunAsync(static async _ => await Coroutine.YieldAsync()).ConfigureAwait(false));

    [Fact]
    public void A_scope_that_times_out() => StaysHome(static async () => await CancelScope.MoveOnAfterAsync(
        TimeSpan.FromMilliseconds(1), static async _ => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan)).ConfigureAwait(false));

    [Fact]
    public void A_time_out_that_throws() => StaysHome(static async () =>
    {
        try
        {
            await CancelScope.FailAfterAsync(
                TimeSpan.FromMilliseconds(1), static async _ => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan)).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            AssertAtHome();
        }
    });

    [Fact]
    public void A_group() => StaysHome(static async () => await TaskGroup.RunAsync(static group =>
    {
        group.Spawn(static async () => await Coroutine.YieldAsync());
        return Task.CompletedTask;
    }).ConfigureAwait(false));

    [Fact]
    public void Accept_and_connect() => StaysHome(static async () =>
    {
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        ValueTask<TcpConnection> accepting = listener.AcceptAsync();
        TcpConnection client = await TcpConnection.ConnectAsync(listener.LocalEndPoint).ConfigureAwait(false);
        AssertAtHome();
        TcpConnection server = await accepting.ConfigureAwait(false);
        AssertAtHome();
        await client.DisposeAsync();
        await server.DisposeAsync();
    });

    [Fact]
    public void Connect_to_a_name_with_a_time_out_twice() => StaysHome(static async () =>
    {
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        for (int i = 0; i < 2; i++)
        {
            // The second begins without a context, as code behind a ConfigureAwait(false) does.
            TcpConnection client = await TcpConnection.ConnectAsync(
                "localhost", listener.LocalEndPoint.Port, new TcpConnectOptions { Timeout = TimeSpan.FromMinutes(1) }).ConfigureAwait(false);
            AssertAtHome();
            await client.DisposeAsync();
        }
    });

    [Fact]
    public void A_read_of_the_pipe() => StaysHome(static async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        EventLoop.Current.Post(() => _ = pair.Client.Output.WriteAsync("x"u8.ToArray()));
        Assert.Equal(1, (await pair.Server.Input.ReadAsync().ConfigureAwait(false)).Buffer.Length);
    });

    [Fact]
    public void A_read_of_the_stream() => StaysHome(static async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        EventLoop.Current.Post(() => _ = pair.Client.Output.WriteAsync("x"u8.ToArray()));
        Assert.Equal(1, await pair.Server.AsStream().ReadAsync(new byte[10]).ConfigureAwait(false));
    });

    [Fact]
    public void A_write_that_waits_for_room() => StaysHome(static async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        EventLoop.Current.CallLater(TimeSpan.FromMilliseconds(1), () => _ = pair.Server.Input.CopyToAsync(Stream.Null));
        for (int i = 0; i < 100; i++)
        {
            await pair.Client.AsStream().WriteAsync(new byte[100_000]).ConfigureAwait(false);
        }
    });

    [Fact]
    public void Work_invoked_on_another_loop() => OnLoop.Run(
        static async () =>
        {
            EventLoop home = EventLoop.Current;
            EventLoop other = EventLoopGroup.Current.Loops[1];
            Assert.Same(other, await other.InvokeAsync(static () => Task.FromResult(EventLoop.Current)).ConfigureAwait(false));
            Assert.Same(home, EventLoop.Current);
            Assert.Same(other, await other.InvokeAsync(static () => Task.FromResult(EventLoop.Current)).ConfigureAwait(false));
            Assert.Same(home, EventLoop.Current);
        },
        OnLoop.Options with { Loops = 2 });

    [Fact]
    public void The_second_of_two_reads_is_still_cancelled_by_its_scope() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        EventLoop loop = EventLoop.Current;
        string read = "";
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            await pair.Client.Output.WriteAsync("first"u8.ToArray());
            read = await ReadTwiceAsLibrariesDoAsync(pair.Server.AsStream(), () => loop.Post(() => scope.Cancel()));
        });
        Assert.True(scope.CancelledCaught);
        Assert.Equal("", read);
        Assert.Same(loop, EventLoop.Current);
    });

    [Fact]
    public void The_second_of_two_reads_is_in_the_tree() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        Coroutine<string> child = group.Spawn(() => ReadTwiceAsLibrariesDoAsync(pair.Server.AsStream(), static () => { }));
        await pair.Client.Output.WriteAsync("first"u8.ToArray());
        await OnLoop.UntilAsync(() => pair.Server.Input is { } && child.Node.DescribeWaits().Contains("Receive", StringComparison.Ordinal));
        await OnLoop.TurnsAsync(3);
        Assert.Contains("Receive on TcpConnection 127.0.0.1:", child.Node.DescribeWaits(), StringComparison.Ordinal);
        group.Cancel();
    }));

    private static async Task<string> ReadTwiceAsLibrariesDoAsync(Stream stream, Action between)
    {
        byte[] buffer = new byte[100];
        int first = await stream.ReadAsync(buffer).ConfigureAwait(false);
        AssertAtHome();
        between();
        int second = await stream.ReadAsync(buffer.AsMemory(first)).ConfigureAwait(false);
        return Encoding.ASCII.GetString(buffer, 0, first + second);
    }

    /// <summary>Runs <paramref name="operation"/>, itself awaited without a context, and looks where it goes on.</summary>
    private static void StaysHome(Func<Task> operation) => OnLoop.Run(() => TaskGroup.RunAsync(group =>
    {
        group.Spawn(
            () => CancelScope.RunAsync(async scope =>
            {
                EventLoop loop = EventLoop.Current;
                await operation().ConfigureAwait(false);
                AssertAtHome();
                Assert.Equal("the child", Coroutine.Current!.Name);
                Assert.Same(loop, EventLoop.Current);
                loop.Post(() => scope.Cancel());
                await Assert.ThrowsAnyAsync<OperationCanceledException>(
                    static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan)).ConfigureAwait(false);
            }),
            "the child");
        return Task.CompletedTask;
    }));

    private static void AssertAtHome()
    {
        Assert.NotNull(EventLoop.CurrentOrNull);
        Assert.Null(SynchronizationContext.Current);
    }
}
