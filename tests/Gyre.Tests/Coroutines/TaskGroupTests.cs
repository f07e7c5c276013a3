using Gyre.Diagnostics;

namespace Gyre.Tests;

public sealed class TaskGroupTests
{
    [Fact]
    public void Leaving_it_waits_for_all_children() => OnLoop.Run(async () =>
    {
        int ended = 0;
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 100; i++)
            {
                int number = i;
                group.Spawn(async () =>
                {
                    await Coroutine.SleepAsync(TimeSpan.FromMicroseconds(number * 10));
                    ended++;
                });
            }

            Assert.Equal(100, group.Count);
            return Task.CompletedTask;
        });
        Assert.Equal(100, ended);
    });

    [Fact]
    public void Spawn_begins_in_the_next_turn_and_SpawnNow_at_once() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var order = new List<string>();
        Coroutine spawned = group.Spawn(() => StepAsync("spawned"), "spawned");
        Assert.Equal(CoroutineState.Created, spawned.Node.State);
        Coroutine now = group.SpawnNow(() => StepAsync("now"), "now");
        Assert.Equal(CoroutineState.Started, now.Node.State);
        Assert.Equal(["now"], order);
        await Coroutine.YieldAsync();
        Assert.Equal(["now", "spawned"], order);

        async Task StepAsync(string name)
        {
            order.Add(name);
            Assert.Equal(name, Coroutine.Current!.Name);
            await Coroutine.YieldAsync();
        }
    }));

    [Fact]
    public void SpawnNow_leaves_the_callers_coroutine_and_scope_current() => OnLoop.Run(async () =>
    {
        CoroutineNode main = Coroutine.Current!;
        CancelScope scope = await CancelScope.RunAsync(scope => TaskGroup.RunAsync(async group =>
        {
            CoroutineNode? inside = null;
            Coroutine<CancelScope> child = group.SpawnNow(() => CancelScope.RunAsync(async inner =>
            {
                inside = Coroutine.Current;
                inner.Cancel();
                await Coroutine.SleepAsync(TimeSpan.FromHours(1));
            }));
            Assert.Same(child.Node, inside);
            Assert.Same(main, Coroutine.Current);
            await Coroutine.YieldAsync();
            Assert.Same(main, Coroutine.Current);
        }));
        Assert.False(scope.CancelledCaught);
    });

    [Fact]
    public void SpawnNow_of_a_body_that_ends_at_once_has_ended() => OnLoop.Run(() => TaskGroup.RunAsync(static group =>
    {
        Coroutine child = group.SpawnNow(static () => Task.CompletedTask);
        Assert.Equal(CoroutineState.Succeeded, child.Node.State);
        Assert.Equal(0, group.Count);
        return Task.CompletedTask;
    }));

    [Fact]
    public void A_child_may_spawn_siblings_also_after_the_body_has_ended() => OnLoop.Run(async () =>
    {
        int ended = 0;
        await TaskGroup.RunAsync(group =>
        {
            Spawn(3);
            return Task.CompletedTask;

            void Spawn(int depth) => group.Spawn(async () =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
                if (depth > 0)
                {
                    Spawn(depth - 1);
                    Spawn(depth - 1);
                }

                ended++;
            });
        });
        Assert.Equal(15, ended);
    });

    [Fact]
    public void Spawning_after_it_was_left_is_refused() => OnLoop.Run(async () =>
    {
        TaskGroup? left = null;
        await TaskGroup.RunAsync(group =>
        {
            left = group;
            return Task.CompletedTask;
        });
        Assert.Throws<InvalidOperationException>(() => left!.Spawn(static () => Task.CompletedTask));
        Assert.Throws<InvalidOperationException>(() => left!.SpawnNow(static () => Task.CompletedTask));
        Assert.Throws<InvalidOperationException>(() => left!.Spawn(static () => Task.FromResult(1)));
        left!.Cancel();
        Assert.False(left.IsCancelRequested);
    });

    [Fact]
    public void Groups_nest() => OnLoop.Run(async () =>
    {
        var order = new List<string>();
        await TaskGroup.RunAsync(async outer =>
        {
            outer.Spawn(async () =>
            {
                await TaskGroup.RunAsync(inner =>
                {
                    inner.Spawn(async () =>
                    {
                        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
                        order.Add("grandchild");
                    });
                    return Task.CompletedTask;
                });
                order.Add("child");
            });
            await Coroutine.YieldAsync();
            order.Add("body");
        });
        order.Add("after");
        Assert.Equal(["body", "grandchild", "child", "after"], order);
    });

    [Fact]
    public void Values_of_children_are_joined() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        Coroutine<int>[] children = [.. Enumerable.Range(0, 10).Select(number => group.Spawn(async () =>
        {
            await Coroutine.YieldAsync();
            return number * number;
        }))];
        int sum = 0;
        foreach (Coroutine<int> child in children)
        {
            sum += await child.WaitAsync();
        }

        Assert.Equal(285, sum);
        Assert.Equal(81, await children[9].WaitAsync());
    }));

    [Fact]
    public void A_null_body_is_refused_and_one_that_returns_null_fails() => OnLoop.Run(async () =>
    {
        Assert.Throws<ArgumentNullException>(static () => { _ = TaskGroup.RunAsync(null!); });
        await TaskGroup.RunAsync(static group =>
        {
            Assert.Throws<ArgumentNullException>(() => group.Spawn((Func<Task>)null!));
            return Task.CompletedTask;
        });
        await Assert.ThrowsAsync<InvalidOperationException>(static () => TaskGroup.RunAsync(static _ => null!));
        await Assert.ThrowsAsync<InvalidOperationException>(static () => TaskGroup.RunAsync(static group =>
        {
            group.Spawn(static () => (Task)null!);
            return Task.CompletedTask;
        }));
    });

    [Fact]
    public void A_child_that_is_awaited_by_nobody_draws_no_thread_pool_work() => OnLoop.Run(async () =>
    {
        int thread = Environment.CurrentManagedThreadId;
        bool stayed = true;
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 50; i++)
            {
                group.Spawn(async () =>
                {
                    await Coroutine.YieldAsync().ConfigureAwait(false);
                    stayed &= Environment.CurrentManagedThreadId == thread;
                });
            }

            return Task.CompletedTask;
        });
        Assert.True(stayed);
        Assert.Equal(thread, Environment.CurrentManagedThreadId);
    });
}
