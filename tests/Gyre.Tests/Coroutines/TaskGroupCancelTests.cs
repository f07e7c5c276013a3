using Gyre.Diagnostics;

namespace Gyre.Tests;

public sealed class TaskGroupCancelTests
{
    [Fact]
    public void Cancelled_without_an_error_it_ends_quietly() => OnLoop.Run(async () =>
    {
        Coroutine? child = null;
        bool bodyPassed = false;
        await TaskGroup.RunAsync(async group =>
        {
            child = group.Spawn(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
            EventLoop.Current.Post(() => group.Cancel("enough"));
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            bodyPassed = true;
        });
        Assert.Equal(CoroutineState.Cancelled, child!.Node.State);
        Assert.False(bodyPassed);
    });

    [Fact]
    public void A_child_spawned_into_a_cancelled_group_starts_and_its_first_wait_throws() => OnLoop.Run(async () =>
    {
        bool started = false;
        bool passed = false;
        await TaskGroup.RunAsync(group =>
        {
            group.Cancel();
            group.Spawn(async () =>
            {
                started = true;
                Assert.True(Coroutine.Current!.IsCancelled);
                await Coroutine.YieldAsync();
                passed = true;
            });
            return Task.CompletedTask;
        });
        Assert.True(started);
        Assert.False(passed);
    });

    [Fact]
    public void Cancelled_from_outside_the_cancellation_passes_through_once_all_have_ended() => OnLoop.Run(async () =>
    {
        int ended = 0;
        bool after = false;
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            EventLoop.Current.Post(() => scope.Cancel());
            await TaskGroup.RunAsync(group =>
            {
                for (int i = 0; i < 3; i++)
                {
                    group.Spawn(async () =>
                    {
                        try
                        {
                            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                        }
                        finally
                        {
                            ended++;
                        }
                    });
                }

                return Task.CompletedTask;
            });
            after = true;
        });
        Assert.Equal(3, ended);
        Assert.True(scope.CancelledCaught);
        Assert.False(after);
    });

    [Fact]
    public void What_was_done_in_whole_before_a_cancellation_from_outside_is_not_thrown_away() => OnLoop.Run(async () =>
    {
        bool after = false;
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            await TaskGroup.RunAsync(group =>
            {
                group.Spawn(async () =>
                {
                    await Coroutine.YieldAsync();
                    scope.Cancel();
                });
                return Task.CompletedTask;
            });
            after = true;
            await Coroutine.YieldAsync();
            Assert.Fail("The cancellation strikes at the next wait.");
        });
        Assert.True(after);
        Assert.True(scope.CancelledCaught);
    });

    [Fact]
    public void A_cancelled_group_inside_a_cancelled_scope_lets_the_outer_cancellation_through() => OnLoop.Run(async () =>
    {
        bool after = false;
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            await TaskGroup.RunAsync(async group =>
            {
                EventLoop.Current.Post(() =>
                {
                    group.Cancel();
                    scope.Cancel();
                });
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            });
            after = true;
        });
        Assert.True(scope.CancelledCaught);
        Assert.False(after);
    });

    [Fact]
    public void A_child_cancelled_alone_fails_nobody() => OnLoop.Run(async () =>
    {
        bool siblingEnded = false;
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine child = group.Spawn(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
            group.Spawn(async () =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(2));
                siblingEnded = true;
            });
            await Coroutine.YieldAsync();
            child.Cancel("you alone");
            await OnLoop.UntilAsync(() => child.IsDone);
            Assert.Equal(CoroutineState.Cancelled, child.Node.State);
            Assert.False(group.IsCancelRequested);
        });
        Assert.True(siblingEnded);
    });

    [Fact]
    public void A_child_that_swallows_its_cancellation_and_returns_has_succeeded() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        Coroutine child = group.Spawn(static async () =>
        {
            try
            {
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            }
            catch (OperationCanceledException)
            {
                // The case under test.
            }
        });
        await Coroutine.YieldAsync();
        child.Cancel();
        await child.WaitAsync();
        Assert.Equal(CoroutineState.Succeeded, child.Node.State);
        child.Cancel();
        Assert.Equal(CoroutineState.Succeeded, child.Node.State);
    }));

    [Fact]
    public void A_group_waits_for_a_child_that_takes_its_time_behind_a_shield() => OnLoop.Run(async () =>
    {
        bool finished = false;
        CancelScope scope = await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(1), _ => TaskGroup.RunAsync(group =>
        {
            group.Spawn(() => CancelScope.RunAsync(async shielded =>
            {
                shielded.Shield = true;
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(10));
                finished = true;
            }));
            return Task.CompletedTask;
        }));
        Assert.True(finished);
    });

    [Fact]
    public void A_body_that_was_cancelled_by_a_foreign_token_throws_that_cancellation_once_the_children_have_ended() => OnLoop.Run(async () =>
    {
        using var source = new CancellationTokenSource();
        Coroutine? child = null;
        EventLoop.Current.Post(source.Cancel);
        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TaskGroup.RunAsync(async group =>
        {
            child = group.Spawn(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan, source.Token);
        }));
        Assert.Equal(source.Token, failure.CancellationToken);
        Assert.Equal(CoroutineState.Cancelled, child!.Node.State);
    });
}
