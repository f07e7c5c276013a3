using Gyre.Sync;

namespace Gyre.Tests;

public sealed class AsyncConditionTests
{
    [Fact]
    public void Notify_wakes_those_who_waited_longest_and_they_go_on_under_the_lock() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock();
        var changed = new AsyncCondition(gate);
        var woken = new List<int>();
        for (int i = 0; i < 4; i++)
        {
            int number = i;
            group.Spawn(async () =>
            {
                using LockHolder held = await gate.AcquireAsync();
                await changed.WaitAsync(held);
                Assert.True(gate.IsHeld);
                Assert.Same(Coroutine.Current, gate.Owner);
                woken.Add(number);
            });
        }

        await OnLoop.TurnsAsync(2);
        Assert.Equal(4, changed.Waiting);
        using (LockHolder held = await gate.AcquireAsync())
        {
            changed.Notify(held, 2);
            Assert.Equal(2, changed.Waiting);
            await OnLoop.TurnsAsync(3);
            Assert.Empty(woken);
        }

        await OnLoop.TurnsAsync(5);
        Assert.Equal([0, 1], woken);
        using (LockHolder held = await gate.AcquireAsync())
        {
            changed.Notify(held, 0);
            changed.NotifyAll(held);
        }

        await OnLoop.TurnsAsync(5);
        Assert.Equal([0, 1, 2, 3], woken);
        Assert.False(gate.IsHeld);
    }));

    [Fact]
    public void Cancelled_while_it_waits_it_has_the_lock_back_before_it_throws() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock();
        var changed = new AsyncCondition(gate);
        bool ownedWhenThrown = false;
        Coroutine waiter = group.Spawn(async () =>
        {
            using LockHolder held = await gate.AcquireAsync();
            try
            {
                await changed.WaitAsync(held);
            }
            catch (OperationCanceledException)
            {
                ownedWhenThrown = gate.Owner == Coroutine.Current;
                throw;
            }
        });
        await Coroutine.YieldAsync();
        LockHolder mine = await gate.AcquireAsync();
        waiter.Cancel();
        await OnLoop.TurnsAsync(4);
        Assert.False(waiter.IsDone);
        mine.Dispose();
        await OnLoop.TurnsAsync(4);
        Assert.True(waiter.IsDone);
        Assert.True(ownedWhenThrown);
        Assert.False(gate.IsHeld);
    }));

    [Fact]
    public void Notified_and_then_cancelled_it_uses_the_notification_and_its_next_wait_throws() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock();
        var changed = new AsyncCondition(gate);
        bool used = false;
        bool passed = false;
        Coroutine waiter = group.Spawn(async () =>
        {
            using LockHolder held = await gate.AcquireAsync();
            await changed.WaitAsync(held);
            used = true;
            await Coroutine.YieldAsync();
            passed = true;
        });
        await Coroutine.YieldAsync();
        using (LockHolder held = await gate.AcquireAsync())
        {
            changed.Notify(held);
            waiter.Cancel();
        }

        await OnLoop.TurnsAsync(5);
        Assert.True(used);
        Assert.False(passed);
        Assert.False(gate.IsHeld);
    }));

    [Fact]
    public void Cancelled_and_then_notified_in_one_turn_the_notification_goes_to_the_next() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock();
        var changed = new AsyncCondition(gate);
        var used = new List<int>();
        Coroutine first = group.Spawn(() => WaitAsync(1));
        group.Spawn(() => WaitAsync(2));
        await OnLoop.TurnsAsync(2);
        using (LockHolder held = await gate.AcquireAsync())
        {
            first.Cancel();
            changed.Notify(held);
        }

        await OnLoop.TurnsAsync(6);
        Assert.Equal([2], used);

        async Task WaitAsync(int number)
        {
            using LockHolder held = await gate.AcquireAsync();
            await changed.WaitAsync(held);
            used.Add(number);
        }
    }));

    [Fact]
    public void Without_the_lock_one_can_neither_wait_nor_notify() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock();
        var other = new AsyncLock();
        var changed = new AsyncCondition(gate);
        LockHolder held = await gate.AcquireAsync();
        await group.Spawn(async () =>
        {
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await changed.WaitAsync(held));
            Assert.Throws<InvalidOperationException>(() => changed.Notify(held));
            Assert.Throws<InvalidOperationException>(() => changed.NotifyAll(held));
        });
        using (LockHolder wrong = await other.AcquireAsync())
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await changed.WaitAsync(wrong));
        }

        held.Dispose();
        Assert.Throws<ArgumentException>(() => changed.Notify(held));
        await Assert.ThrowsAsync<ArgumentException>(async () => await changed.WaitForAsync(held, static () => true));
        Assert.Throws<ArgumentException>(() => changed.NotifyAll(default));
        Assert.Throws<ArgumentOutOfRangeException>(() => changed.Notify(held, -1));
    }));

    [Fact]
    public void Waiting_for_a_predicate_asks_it_at_once_and_after_each_notification() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock();
        var changed = new AsyncCondition(gate);
        int value = 0;
        int asked = 0;
        Coroutine waiter = group.Spawn(async () =>
        {
            using LockHolder held = await gate.AcquireAsync();
            await changed.WaitForAsync(held, () => ++asked > 0 && value == 2);
            await changed.WaitForAsync(held, () => value == 2);
        });
        await OnLoop.TurnsAsync(2);
        Assert.Equal(1, asked);
        for (int i = 0; i < 2; i++)
        {
            using LockHolder held = await gate.AcquireAsync();
            value++;
            changed.NotifyAll(held);
            await Coroutine.YieldAsync();
        }

        await waiter;
        Assert.Equal(3, asked);
    }));

    [Fact]
    public void Waiting_for_a_predicate_that_holds_throws_in_a_cancelled_scope_like_any_wait() => OnLoop.Run(async () =>
    {
        var gate = new AsyncLock();
        var changed = new AsyncCondition(gate);
        bool passed = false;
        await CancelScope.RunAsync(async scope =>
        {
            using LockHolder held = await gate.AcquireAsync();
            scope.Cancel();
            await changed.WaitForAsync(held, static () => true);
            passed = true;
        });
        Assert.False(passed);
        Assert.False(gate.IsHeld);
    });

    [Fact]
    public void A_notification_is_not_remembered() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock();
        var changed = new AsyncCondition(gate);
        using (LockHolder held = await gate.AcquireAsync())
        {
            changed.NotifyAll(held);
        }

        Coroutine waiter = group.Spawn(async () =>
        {
            using LockHolder held = await gate.AcquireAsync();
            await changed.WaitAsync(held);
        });
        await OnLoop.TurnsAsync(5);
        Assert.False(waiter.IsDone);
        Assert.Contains("a condition of a lock", waiter.Node.DescribeWaits(), StringComparison.Ordinal);
        group.Cancel();
    }));

    [Fact]
    public void The_holder_stays_valid_and_releases_once_after_the_wait() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock();
        var changed = new AsyncCondition(gate);
        Coroutine waiter = group.Spawn(async () =>
        {
            LockHolder held = await gate.AcquireAsync();
            for (int i = 0; i < 3; i++)
            {
                await changed.WaitAsync(held);
            }

            held.Dispose();
            held.Dispose();
        });
        while (!waiter.IsDone)
        {
            using LockHolder held = await gate.AcquireAsync();
            changed.Notify(held);
        }

        Assert.False(gate.IsHeld);
    }));
}
