using Gyre.Sync;

namespace Gyre.Tests;

/// <summary>A lock whose owner ended without releasing it is broken for those who wait, and for those who come later.</summary>
public sealed class BrokenLockTests
{
    [Fact]
    public void The_owners_exit_breaks_it_for_waiters_and_for_late_comers() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock("gate");
        Coroutine owner = group.Spawn(async () =>
        {
            await gate.AcquireAsync();
            await OnLoop.TurnsAsync(3);
        });
        await Coroutine.YieldAsync();
        BrokenLockException told = await Assert.ThrowsAsync<BrokenLockException>(async () => await gate.AcquireAsync());
        Assert.Contains(owner.Node.Name, told.Message, StringComparison.Ordinal);
        Assert.Contains("gate", told.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<BrokenLockException>(async () => await gate.AcquireAsync());
        Assert.Throws<BrokenLockException>(() => gate.TryAcquire(out _));
        Assert.Contains("broken", gate.ToString(), StringComparison.Ordinal);
        Assert.Empty(gate.Statistics.Waiters);
    }));

    [Fact]
    public void Each_of_many_waiters_is_told_with_an_exception_of_its_own() => OnLoop.Run(async () =>
    {
        var gate = new AsyncLock();
        var told = new List<BrokenLockException>();
        await TaskGroup.RunAsync(group =>
        {
            group.Spawn(async () =>
            {
                await gate.AcquireAsync();
                await OnLoop.TurnsAsync(3);
            });
            for (int i = 0; i < 4; i++)
            {
                group.Spawn(async () => told.Add(await Assert.ThrowsAsync<BrokenLockException>(async () => await gate.AcquireAsync())));
            }

            return Task.CompletedTask;
        });
        Assert.Equal(4, told.Distinct().Count());
    });

    [Fact]
    public void The_one_it_was_handed_to_answers_for_it_from_then_on() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock();
        LockHolder held = await gate.AcquireAsync();
        Coroutine<LockHolder> careless = group.Spawn(async () => await gate.AcquireAsync());
        await Coroutine.YieldAsync();
        Coroutine<BrokenLockException> third = group.Spawn(async () => await Assert.ThrowsAsync<BrokenLockException>(async () => await gate.AcquireAsync()));
        await Coroutine.YieldAsync();
        held.Dispose();
        await third;
        Assert.Same(careless.Node, gate.Owner);
    }));

    [Fact]
    public void An_owner_that_failed_or_was_cancelled_breaks_it_too() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock();
        Coroutine owner = group.Spawn(async () =>
        {
            await gate.AcquireAsync();
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        });
        await Coroutine.YieldAsync();
        Coroutine<BrokenLockException> waiter = group.Spawn(async () => await Assert.ThrowsAsync<BrokenLockException>(async () => await gate.AcquireAsync()));
        await Coroutine.YieldAsync();
        owner.Cancel();
        await waiter;
    }));

    /// <summary>The flow of an ended coroutine was handed the lock, which nobody watched any more, so that the next waited for ever.</summary>
    [Fact]
    public void Handed_to_a_flow_that_its_coroutine_left_behind_it_is_broken_for_the_others() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock();
        LockHolder held = await gate.AcquireAsync();
        ValueTask<LockHolder> left = default;
        await group.Spawn(() =>
        {
            left = gate.AcquireAsync();
            return Task.CompletedTask;
        });
        Coroutine<BrokenLockException> waiter = group.Spawn(async () => await Assert.ThrowsAsync<BrokenLockException>(async () => await gate.AcquireAsync()));
        await Coroutine.YieldAsync();
        held.Dispose();
        await waiter;
        await left;
    }));

    [Fact]
    public void A_condition_whose_lock_broke_meanwhile_says_so_and_its_holder_releases_nothing() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock();
        var changed = new AsyncCondition(gate);
        Coroutine waiter = group.Spawn(async () =>
        {
            using LockHolder held = await gate.AcquireAsync();
            await Assert.ThrowsAsync<BrokenLockException>(() => changed.WaitAsync(held));
        });
        await Coroutine.YieldAsync();
        await group.Spawn(async () => changed.NotifyAll(await gate.AcquireAsync()));
        await waiter;
        Assert.True(gate.IsHeld);
    }));
}
