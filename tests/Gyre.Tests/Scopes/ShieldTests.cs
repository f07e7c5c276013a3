namespace Gyre.Tests;

public sealed class ShieldTests
{
    [Fact]
    public void A_shield_keeps_cancellation_from_outside_out() => OnLoop.Run(async () =>
    {
        bool cleanedUp = false;
        CancelScope outer = await CancelScope.RunAsync(async outer =>
        {
            outer.Cancel();
            await CancelScope.RunAsync(async inner =>
            {
                inner.Shield = true;
                Assert.False(inner.IsCancelled);
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
                cleanedUp = true;
            });
            await Coroutine.YieldAsync();
        });
        Assert.True(cleanedUp);
        Assert.True(outer.CancelledCaught);
    });

    [Fact]
    public void The_shielded_scopes_own_cancellation_still_counts_and_it_swallows_it() => OnLoop.Run(async () =>
    {
        CancelScope? inner = null;
        CancelScope outer = await CancelScope.RunAsync(async outer =>
        {
            outer.Cancel();
            inner = await CancelScope.RunAsync(static async scope =>
            {
                scope.Shield = true;
                EventLoop.Current.Post(() => scope.Cancel());
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            });
        });
        Assert.True(inner!.CancelledCaught);
        Assert.False(outer.CancelledCaught);
    });

    [Fact]
    public void Lowered_it_lets_the_cancellation_in_at_once() => OnLoop.Run(async () =>
    {
        bool passed = false;
        CancelScope outer = await CancelScope.RunAsync(async outer =>
        {
            await CancelScope.RunAsync(async inner =>
            {
                inner.Shield = true;
                outer.Cancel();
                await Coroutine.YieldAsync();
                EventLoop.Current.Post(() => inner.Shield = false);
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                passed = true;
            });
            passed = true;
        });
        Assert.True(outer.CancelledCaught);
        Assert.False(passed);
    });

    [Fact]
    public void Raised_in_a_cancelled_scope_it_lets_the_waits_inside_go_on_also_in_scopes_further_in() => OnLoop.Run(async () =>
    {
        CancelScope outer = await CancelScope.RunAsync(async outer =>
        {
            await CancelScope.RunAsync(async middle =>
            {
                await CancelScope.RunAsync(async inner =>
                {
                    outer.Cancel();
                    Assert.True(inner.IsCancelled);
                    await Assert.ThrowsAnyAsync<OperationCanceledException>(static async () => await Coroutine.YieldAsync());
                    middle.Shield = true;
                    Assert.False(middle.IsCancelled);
                    Assert.False(inner.IsCancelled);
                    await Coroutine.YieldAsync();
                    middle.Shield = false;
                    Assert.True(inner.IsCancelled);
                    await Coroutine.YieldAsync();
                });
            });
        });
        Assert.True(outer.CancelledCaught);
    });

    [Fact]
    public void Cleaning_up_in_a_finally_behind_a_shield_works() => OnLoop.Run(async () =>
    {
        var done = new List<string>();
        await CancelScope.RunAsync(async scope =>
        {
            EventLoop.Current.Post(() => scope.Cancel());
            try
            {
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            }
            finally
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(static async () => await Coroutine.YieldAsync());
                await CancelScope.MoveOnAfterAsync(TimeSpan.FromMinutes(1), async shielded =>
                {
                    shielded.Shield = true;
                    await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
                    done.Add("goodbye");
                });
            }
        });
        Assert.Equal(["goodbye"], done);
    });

    [Fact]
    public void A_group_inside_a_shield_is_shielded_with_its_children() => OnLoop.Run(async () =>
    {
        int ended = 0;
        CancelScope outer = await CancelScope.RunAsync(async outer =>
        {
            await CancelScope.RunAsync(async shielded =>
            {
                shielded.Shield = true;
                await TaskGroup.RunAsync(group =>
                {
                    for (int i = 0; i < 3; i++)
                    {
                        group.Spawn(async () =>
                        {
                            outer.Cancel();
                            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
                            ended++;
                        });
                    }

                    return Task.CompletedTask;
                });
            });
            await Coroutine.YieldAsync();
        });
        Assert.Equal(3, ended);
        Assert.True(outer.CancelledCaught);
    });

    [Fact]
    public void Raised_by_who_is_told_of_the_cancellation_it_keeps_that_out() => OnLoop.Run(static async () =>
    {
        bool wentOn = false;
        await CancelScope.RunAsync(outer => CancelScope.RunAsync(async inner =>
        {
            using CancellationTokenRegistration told = inner.Token.Register(() => inner.Shield = true);
            EventLoop.Current.Post(() => outer.Cancel());
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
            Assert.False(inner.IsCancelled);
            Assert.True(outer.IsCancelled);
            wentOn = true;
        }));
        Assert.True(wentOn);
    });
}
