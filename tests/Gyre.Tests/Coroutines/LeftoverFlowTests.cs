using Gyre.Diagnostics;

namespace Gyre.Tests;

/// <summary>
/// A flow that its coroutine started and didn't await: adopted by the scope around, reported, resumed and cancelled with it.
/// </summary>
public sealed class LeftoverFlowTests
{
    [Fact]
    public void It_is_reported_and_still_resumed()
    {
        var log = new List<string>();
        bool resumed = false;
        OnLoop.Run(
            () => TaskGroup.RunAsync(async group =>
            {
                Coroutine child = group.Spawn(
                    () =>
                    {
                        _ = FlowAsync();
                        return Task.CompletedTask;
                    },
                    "careless");
                await child.WaitAsync();
                await OnLoop.UntilAsync(() => resumed);
            }),
            OnLoop.Options with { Log = log.Add });
        string line = Assert.Single(log);
        Assert.Contains("careless", line, StringComparison.Ordinal);
        Assert.Contains("Timer", line, StringComparison.Ordinal);
        Assert.True(resumed);

        async Task FlowAsync()
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(2));
            resumed = true;
        }
    }

    [Fact]
    public void It_is_cancelled_with_the_scope_around_also_when_it_was_ready_as_its_coroutine_ended() => OnLoop.Run(async () =>
    {
        // Between waking and its next wait a flow hangs on nothing; cancellation has to find it all the same.
        int cancelled = 0;
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            await TaskGroup.RunAsync(group =>
            {
                group.Spawn(() => CancelScope.RunAsync(async inner =>
                {
                    _ = FlowAsync();
                    await Coroutine.YieldAsync();
                }));
                return Task.CompletedTask;
            });
            await OnLoop.TurnsAsync(5);
            EventLoop.Current.Post(() => scope.Cancel());
            await OnLoop.UntilAsync(() => cancelled > 0);
        });
        await OnLoop.TurnsAsync(3);
        Assert.Equal(1, cancelled);

        async Task FlowAsync()
        {
            try
            {
                await Coroutine.YieldAsync();
                await Coroutine.YieldAsync();
                await Coroutine.YieldAsync();
                await CancelScope.RunAsync(static async _ => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
            }
            catch (OperationCanceledException)
            {
                cancelled++;
            }
        }
    });

    [Fact]
    public void Its_next_wait_throws_when_the_scope_around_was_cancelled_while_it_waited_for_nothing() => OnLoop.Run(async () =>
    {
        var source = new TaskCompletionSource();
        bool threw = false;
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            await CancelScope.RunAsync(middle => CancelScope.RunAsync(inner =>
            {
                _ = FlowAsync();
                return Task.CompletedTask;
            }));

            // The flow awaits a foreign task, so both inner scopes are left and unused now.
            scope.Cancel();
            source.SetResult();
            await CancelScope.RunAsync(async shielded =>
            {
                shielded.Shield = true;
                await OnLoop.TurnsAsync(3);
            });
        });
        Assert.True(threw);

        async Task FlowAsync()
        {
            await source.Task;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
            threw = true;
        }
    });

    [Fact]
    public void It_is_listed_among_the_waits_of_the_coroutine_that_adopted_it() => OnLoop.Run(async () =>
    {
        CoroutineNode main = Coroutine.Current!;
        await TaskGroup.RunAsync(static async group => await group.Spawn(static () =>
        {
            _ = FlowAsync();
            return Task.CompletedTask;
        }).WaitAsync());
        var waits = new List<WaitDescription>();
        main.CollectWaits(waits);
        Assert.Equal([WaitKind.Timer], waits.Select(static wait => wait.Kind));

        static async Task FlowAsync() => await Coroutine.SleepAsync(TimeSpan.FromHours(1));
    });

    [Fact]
    public void Children_of_a_group_that_nobody_awaited_move_to_the_parent() => OnLoop.Run(() => TaskGroup.RunAsync(static async outer =>
    {
        CoroutineNode main = Coroutine.Current!;
        Coroutine? grandchild = null;
        Coroutine child = outer.Spawn(() =>
        {
            _ = TaskGroup.RunAsync(inner =>
            {
                grandchild = inner.Spawn(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
                return Task.CompletedTask;
            });
            return Task.CompletedTask;
        });
        await child.WaitAsync();
        Assert.Same(main, grandchild!.Node.Parent);
        Assert.Contains(grandchild.Node, main.Children);
        outer.Cancel();
        await CancelScope.RunAsync(async shielded =>
        {
            shielded.Shield = true;
            await OnLoop.UntilAsync(() => grandchild.Node.IsCompleted);
        });
        Assert.DoesNotContain(grandchild.Node, main.Children);
    }));
}
