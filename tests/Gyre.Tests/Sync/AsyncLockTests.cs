using Gyre.Sync;

namespace Gyre.Tests;

/// <summary>Who has a lock when: first-in first-out, handed over at the release, whatever is cancelled in the same turn.</summary>
public sealed class AsyncLockTests
{
    [Fact]
    public void Waiters_have_it_in_the_order_in_which_they_came() => OnLoop.Run(async () =>
    {
        var gate = new AsyncLock();
        var order = new List<int>();
        LockHolder held = await gate.AcquireAsync();
        await TaskGroup.RunAsync(async group =>
        {
            for (int i = 0; i < 5; i++)
            {
                int number = i;
                group.Spawn(async () =>
                {
                    using (await gate.AcquireAsync())
                    {
                        order.Add(number);
                        await Coroutine.YieldAsync();
                    }
                });
            }

            await OnLoop.TurnsAsync(2);
            Assert.Empty(order);
            held.Dispose();
        });
        Assert.Equal([0, 1, 2, 3, 4], order);
        Assert.False(gate.IsHeld);
        Assert.Equal(6, gate.Statistics.Acquisitions);
    });

    [Fact]
    public void Nobody_can_take_it_between_a_release_and_the_one_it_was_handed_to() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock("gate");
        LockHolder held = await gate.AcquireAsync();
        bool had = false;
        Coroutine waiter = group.Spawn(async () =>
        {
            using LockHolder mine = await gate.AcquireAsync();
            had = true;
        });
        await Coroutine.YieldAsync();
        held.Dispose();
        Assert.Same(waiter.Node, gate.Owner);
        Assert.False(had);
        Assert.False(gate.TryAcquire(out _));
        await waiter;
        Assert.True(had);
        Assert.True(gate.TryAcquire(out LockHolder again));
        again.Dispose();
    }));

    [Fact]
    public void Released_and_then_cancelled_in_one_turn_the_waiter_has_it_and_its_next_wait_throws() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock();
        LockHolder held = await gate.AcquireAsync();
        bool had = false;
        bool passed = false;
        Coroutine waiter = group.Spawn(async () =>
        {
            using LockHolder mine = await gate.AcquireAsync();
            had = true;
            await Coroutine.YieldAsync();
            passed = true;
        });
        await Coroutine.YieldAsync();
        held.Dispose();
        waiter.Cancel();
        await OnLoop.TurnsAsync(3);
        Assert.True(had);
        Assert.False(passed);
        Assert.True(waiter.IsDone);
        Assert.False(gate.IsHeld);
    }));

    [Fact]
    public void Cancelled_and_then_released_in_one_turn_the_next_has_it() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock();
        LockHolder held = await gate.AcquireAsync();
        var had = new List<string>();
        Coroutine first = group.Spawn(() => HoldAsync("first"));
        Coroutine second = group.Spawn(() => HoldAsync("second"));
        await Coroutine.YieldAsync();
        first.Cancel();
        held.Dispose();
        Assert.Same(second.Node, gate.Owner);
        await OnLoop.TurnsAsync(3);
        Assert.Equal(["second"], had);
        Assert.False(gate.IsHeld);

        async Task HoldAsync(string name)
        {
            using LockHolder mine = await gate.AcquireAsync();
            had.Add(name);
        }
    }));

    [Fact]
    public void A_token_ends_one_wait_and_leaves_the_others_in_their_order() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock();
        LockHolder held = await gate.AcquireAsync();
        using var token = new CancellationTokenSource();
        var had = new List<int>();
        for (int i = 0; i < 3; i++)
        {
            int number = i;
            group.Spawn(async () =>
            {
                try
                {
                    using LockHolder mine = await gate.AcquireAsync(number == 1 ? token.Token : default);
                    had.Add(number);
                }
                catch (OperationCanceledException cancelled) when (cancelled.CancellationToken == token.Token)
                {
                    had.Add(-number);
                }
            });
        }

        await Coroutine.YieldAsync();
        await token.CancelAsync();

        // The token calls back on the pool, from where the end of the wait has to come home.
        await OnLoop.TurnsAsync(1);
        Assert.Equal(2, gate.Statistics.Waiters.Count);
        held.Dispose();
        await OnLoop.TurnsAsync(4);
        Assert.Equal([-1, 0, 2], had);
    }));

    [Fact]
    public void In_a_cancelled_scope_a_free_lock_is_not_taken() => OnLoop.Run(async () =>
    {
        var gate = new AsyncLock();
        await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel();
            await gate.AcquireAsync();
        });
        Assert.False(gate.IsHeld);
        using var token = new CancellationTokenSource();
        await token.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await gate.AcquireAsync(token.Token));
        Assert.False(gate.IsHeld);
    });

    [Fact]
    public void Another_coroutine_can_not_release_it() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock("gate");
        LockHolder held = await gate.AcquireAsync();
        await group.Spawn(() =>
        {
            InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => held.Dispose());
            Assert.Contains("gate", refused.Message, StringComparison.Ordinal);
            return Task.CompletedTask;
        });
        Assert.True(gate.IsHeld);
        held.Dispose();
        Assert.False(gate.IsHeld);
    }));

    [Fact]
    public void Disposing_a_holder_twice_does_not_release_the_next_ones() => OnLoop.Run(async () =>
    {
        var gate = new AsyncLock();
        LockHolder first = await gate.AcquireAsync();
        first.Dispose();
        LockHolder second = await gate.AcquireAsync();
        first.Dispose();
        Assert.True(gate.IsHeld);
        Assert.NotEqual(first, second);
        second.Dispose();
        second.Dispose();
        default(LockHolder).Dispose();
        Assert.False(gate.IsHeld);
    });

    [Fact]
    public void Two_flows_of_one_coroutine_take_turns() => OnLoop.Run(async () =>
    {
        var gate = new AsyncLock();
        int inside = 0;
        await Task.WhenAll(HoldAsync(), HoldAsync(), HoldAsync());
        Assert.False(gate.IsHeld);

        async Task HoldAsync()
        {
            using LockHolder held = await gate.AcquireAsync();
            Assert.Equal(1, ++inside);
            await OnLoop.TurnsAsync(2);
            inside--;
        }
    });

    [Fact]
    public void A_callback_may_hold_it_and_another_callback_release_it() => OnLoop.Run(async () =>
    {
        var gate = new AsyncLock();
        LockHolder held = default;
        EventLoop.Current.Post(() => Assert.True(gate.TryAcquire(out held)));
        await OnLoop.TurnsAsync(2);
        Assert.Contains("a lock, held by", gate.ToString(), StringComparison.Ordinal);
        EventLoop.Current.Post(() => held.Dispose());
        using LockHolder mine = await gate.AcquireAsync();
        Assert.NotNull(gate.Owner);
    });

    [Fact]
    public void Statistics_tell_who_holds_it_and_who_waits() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock("gate");
        Assert.Equal("gate, free", gate.ToString());
        LockHolder held = await gate.AcquireAsync();
        Coroutine[] waiters = [group.Spawn(HoldAsync), group.Spawn(HoldAsync)];
        await Coroutine.YieldAsync();
        LockStatistics seen = gate.Statistics;
        Assert.True(seen.IsHeld);
        Assert.Same(Coroutine.Current, seen.Owner);
        Assert.Equal(waiters.Select(static each => each.Node), seen.Waiters);
        Assert.Contains("gate, held by", waiters[0].Node.DescribeWaits(), StringComparison.Ordinal);
        held.Dispose();

        async Task HoldAsync()
        {
            using LockHolder mine = await gate.AcquireAsync();
        }
    }));
}
