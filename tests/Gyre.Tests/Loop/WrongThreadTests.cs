using System.Net;
using Gyre.LowLevel;
using Gyre.Net;

namespace Gyre.Tests;

/// <summary>Gyre-typed members used off their loop: each throws, naming the object and the loop.</summary>
public sealed class WrongThreadTests
{
    [Fact]
    public void Every_member_of_a_loop_refuses() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        await RefusesAsync("EventLoop 'loop-0'", loop, () => loop.Post(static () => { }));
        await RefusesAsync("EventLoop 'loop-0'", loop, () => loop.CallLater(TimeSpan.Zero, static () => { }));
        await RefusesAsync("EventLoop 'loop-0'", loop, () => loop.CallAt(TimeSpan.Zero, static () => { }));
        await RefusesAsync("EventLoop 'loop-0'", loop, () => _ = loop.Time);
        await RefusesAsync("EventLoop 'loop-0'", loop, () => _ = loop.Statistics);
        await RefusesAsync("EventLoop 'loop-0'", loop, () => loop.Spawn(static () => Task.CompletedTask));
    });

    [Fact]
    public void A_timer_handle_refuses() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        TimerHandle handle = loop.CallLater(TimeSpan.FromHours(1), static () => { });
        await RefusesAsync("timer", loop, () => handle.Cancel());
        await RefusesAsync("timer", loop, () => _ = handle.IsPending);
    });

    [Fact]
    public void A_scope_refuses() => OnLoop.Run(() => CancelScope.RunAsync(async scope =>
    {
        EventLoop loop = EventLoop.Current;
        await RefusesAsync("cancel scope", loop, () => scope.Cancel());
        await RefusesAsync("cancel scope", loop, () => scope.Shield = true);
        await RefusesAsync("cancel scope", loop, () => scope.Deadline = TimeSpan.Zero);
        await RefusesAsync("cancel scope", loop, () => _ = scope.Token);
        Assert.False(scope.IsCancelRequested);
        Assert.False(scope.Shield);
    }));

    [Fact]
    public void A_group_and_its_coroutines_refuse() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        EventLoop loop = EventLoop.Current;
        Coroutine child = group.Spawn(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan), "the child");
        await Coroutine.YieldAsync();
        await RefusesAsync("task group", loop, () => group.Cancel());
        await RefusesAsync("task group", loop, () => _ = group.Token);
        await RefusesAsync("task group", loop, () => group.Spawn(static () => Task.CompletedTask));
        await RefusesAsync("task group", loop, () => group.SpawnNow(static () => Task.CompletedTask));
        await RefusesAsync("task group", loop, () => group.Spawn(static () => Task.FromResult(1)));
        await RefusesAsync("the child", loop, () => child.Cancel());
        await RefusesAsync("the child", loop, () => _ = child.WaitAsync());
        Assert.Equal(1, group.Count);
        group.Cancel();
    }));

    [Fact]
    public void A_listener_refuses() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        await RefusesAsync("TcpListener 127.0.0.1:", loop, () => _ = listener.AcceptAsync());
        await RefusesAsync("TcpListener 127.0.0.1:", loop, () => _ = listener.DisposeAsync());
    });

    [Fact]
    public void A_connection_and_its_pipes_refuse() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        await using Pair pair = await Pair.ConnectAsync();
        TcpConnection connection = pair.Client;
        _ = connection.LocalEndPoint;
        Action[] members =
        [
            () => _ = connection.LocalEndPoint,
            () => _ = connection.RemoteEndPoint,
            () => connection.SetNoDelay(true),
            () => connection.SetKeepAlive(true),
            connection.Abort,
            () => _ = connection.Input.ReadAsync(),
            () => connection.Input.TryRead(out _),
            () => connection.Input.AdvanceTo(default),
            connection.Input.CancelPendingRead,
            () => connection.Input.Complete(),
            () => connection.Output.GetMemory(),
            () => connection.Output.GetSpan(),
            () => connection.Output.Advance(0),
            () => _ = connection.Output.FlushAsync(),
            connection.Output.CancelPendingFlush,
            () => connection.Output.Complete(),
        ];
        foreach (Action member in members)
        {
            await RefusesAsync("TcpConnection 127.0.0.1:", loop, member);
        }

        Assert.False(connection.IsClosing);
    });

    [Fact]
    public void Waking_a_wait_refuses() => OnLoop.Run(async () =>
    {
        var wait = new Wait<int>(EventLoop.Current);
        ValueTask<int> parked = wait.ParkAsync(subject: "the subject");
        await RefusesAsync("belongs to", EventLoop.Current, () => wait.TryWake(1));
        wait.TryWake(2);
        Assert.Equal(2, await parked);
    });

    [Fact]
    public void A_sleep_and_a_yield_off_a_loop_say_how_to_get_onto_one()
    {
        Assert.Null(EventLoop.CurrentOrNull);
        Assert.Null(Coroutine.Current);
        foreach (Action action in new Action[]
        {
            () => _ = EventLoop.Current,
            () => _ = Coroutine.YieldAsync(),
            () => _ = Coroutine.SleepAsync(TimeSpan.Zero),
            () => _ = CancelScope.RunAsync(static _ => Task.CompletedTask),
            () => _ = TaskGroup.RunAsync(static _ => Task.CompletedTask),
            () => TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0)),
        })
        {
            var failure = Assert.Throws<InvalidOperationException>(action);
            Assert.Contains("GyreRuntime.Run", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Another_loop_is_as_wrong_as_no_loop() => OnLoop.Run(
        async () =>
        {
            EventLoop here = EventLoop.Current;
            EventLoop other = EventLoopGroup.Current.Loops[1];
            var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => other.InvokeAsync(() =>
            {
                here.Post(static () => { });
                return Task.CompletedTask;
            }));
            Assert.Contains($"'{here.Name}'", failure.Message, StringComparison.Ordinal);
            Assert.Contains($"'{other.Name}'", failure.Message, StringComparison.Ordinal);
        },
        OnLoop.Options with { Loops = 2 });

    /// <summary>Calls <paramref name="member"/> on the pool, which must throw there, naming the object and its loop.</summary>
    private static async Task RefusesAsync(string name, EventLoop loop, Action member)
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Task.Run(member));
        Assert.Contains(name, failure.Message, StringComparison.Ordinal);
        Assert.Contains($"'{loop.Name}'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_future_of_a_run_that_has_ended_is_told_apart_from_those_of_the_next()
    {
        Future? kept = null;
        OnLoop.Run(() =>
        {
            kept = new Future("kept");
            return Task.CompletedTask;
        });
        OnLoop.Run(async () =>
        {
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(async () => await kept!);
            Assert.Contains("kept belongs to loop 'loop-0', which has ended,", refused.Message, StringComparison.Ordinal);
        });
    }
}
