using Gyre.Diagnostics;
using Gyre.LowLevel;

namespace Gyre.Tests;

public sealed class WaitTests
{
    [Fact]
    public void Parked_it_is_woken_once_with_a_value_in_the_next_turn() => OnLoop.Run(async () =>
    {
        var wait = new Wait<int>(EventLoop.Current);
        Assert.False(wait.TryWake(1));
        int? got = null;
        Task flow = FlowAsync();
        Assert.True(wait.IsParked);
        Assert.True(wait.TryWake(7));
        Assert.False(wait.TryWake(8));
        Assert.False(wait.IsParked);
        Assert.True(wait.IsInUse);
        Assert.Null(got);
        await flow;
        Assert.Equal(7, got);
        Assert.False(wait.IsInUse);

        async Task FlowAsync() => got = await wait.ParkAsync();
    });

    [Fact]
    public void It_is_used_again_and_again() => OnLoop.Run(async () =>
    {
        var wait = new Wait<int>(EventLoop.Current);
        for (int i = 0; i < 100_000; i++)
        {
            ValueTask<int> parked = wait.ParkAsync();
            wait.TryWake(i);
            Assert.Equal(i, await parked);
        }
    });

    [Fact]
    public void Woken_with_an_exception_it_throws_it() => OnLoop.Run(async () =>
    {
        var wait = new Wait<int>(EventLoop.Current);
        ValueTask<int> parked = wait.ParkAsync();
        Assert.True(wait.TryWakeFailed(new InvalidTimeZoneException()));
        await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await parked);
        Assert.False(wait.IsInUse);
    });

    [Fact]
    public void A_cancelled_scope_ends_it_and_tells_who_queued_it() => OnLoop.Run(async () =>
    {
        var aborted = new List<Wait<int>>();
        var wait = new Wait<int>(EventLoop.Current, aborted.Add);
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            EventLoop.Current.Post(() => scope.Cancel("enough"));
            var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await wait.ParkAsync());
            Assert.Contains("enough", failure.Message, StringComparison.Ordinal);
            Assert.Equal([wait], aborted);

            // Level-triggered: it doesn't even park again, so there is nothing to abort.
            await wait.ParkAsync();
        });
        Assert.True(scope.CancelledCaught);
        Assert.Single(aborted);
        Assert.False(wait.IsInUse);
    });

    [Fact]
    public void A_token_ends_this_wait_alone() => OnLoop.Run(async () =>
    {
        using var source = new CancellationTokenSource();
        var wait = new Wait<int>(EventLoop.Current);
        ValueTask<int> parked = wait.ParkAsync(token: source.Token);
        await source.CancelAsync();
        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await parked);
        Assert.Equal(source.Token, failure.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await wait.ParkAsync(token: source.Token));
        parked = wait.ParkAsync();
        wait.TryWake(1);
        Assert.Equal(1, await parked);
    });

    [Fact]
    public void A_token_cancelled_on_another_thread_ends_it_on_the_loop() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        var wait = new Wait<int>(loop);
        for (int i = 0; i < 200; i++)
        {
            using var source = new CancellationTokenSource();
            ValueTask<int> parked = wait.ParkAsync(token: source.Token);
            Task cancelling = Task.Run(source.Cancel);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await parked);
            Assert.Same(loop, EventLoop.Current);
            await cancelling;
        }
    });

    [Fact]
    public void A_token_cancelled_too_late_does_not_touch_the_next_wait() => OnLoop.Run(async () =>
    {
        var wait = new Wait<int>(EventLoop.Current);
        using var source = new CancellationTokenSource();
        ValueTask<int> parked = wait.ParkAsync(token: source.Token);
        wait.TryWake(1);
        Assert.Equal(1, await parked);
        parked = wait.ParkAsync();
        await source.CancelAsync();
        await OnLoop.TurnsAsync(2);
        Assert.True(wait.IsParked);
        wait.TryWake(2);
        Assert.Equal(2, await parked);
    });

    [Fact]
    public void Sleeps_whose_tokens_other_threads_cancel_meanwhile_end_once_each() => OnLoop.Run(async () =>
    {
        for (int i = 0; i < 500; i++)
        {
            using var source = new CancellationTokenSource();
            Task cancelling = Task.Run(source.Cancel);
            try
            {
                await Coroutine.SleepAsync(TimeSpan.FromMicroseconds(i % 100), source.Token);
            }
            catch (OperationCanceledException)
            {
                // Either end of the race is right; the loop below sees whether a stale timer wakes a later sleep.
            }

            TimeSpan due = EventLoop.Current.Time + TimeSpan.FromMicroseconds(200);
            await Coroutine.SleepAsync(TimeSpan.FromMicroseconds(200));
            Assert.InRange(EventLoop.Current.Time, due, TimeSpan.MaxValue);
            await cancelling;
        }
    });

    [Fact]
    public void A_value_and_a_cancellation_in_one_turn_give_the_value_and_the_next_wait_throws() => OnLoop.Run(async () =>
    {
        var wait = new Wait<int>(EventLoop.Current);
        int got = 0;
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            EventLoop.Current.Post(() =>
            {
                wait.TryWake(7);
                scope.Cancel();
            });
            got = await wait.ParkAsync();
            Assert.True(scope.IsCancelled);
            await Coroutine.YieldAsync();
        });
        Assert.Equal(7, got);
        Assert.True(scope.CancelledCaught);
    });

    [Fact]
    public void A_cancellation_before_a_value_in_one_turn_refuses_the_value() => OnLoop.Run(async () =>
    {
        var wait = new Wait<int>(EventLoop.Current);
        bool delivered = true;
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            EventLoop.Current.Post(() =>
            {
                scope.Cancel();
                delivered = wait.TryWake(7);
            });
            await wait.ParkAsync();
        });
        Assert.True(scope.CancelledCaught);
        Assert.False(delivered);
    });

    [Fact]
    public void Parking_twice_names_what_is_waited_for() => OnLoop.Run(async () =>
    {
        var wait = new Wait<int>(EventLoop.Current);
        ValueTask<int> parked = wait.ParkAsync(WaitKind.Other, "the door");
        var failure = Assert.Throws<InvalidOperationException>(() => _ = wait.ParkAsync(WaitKind.Other, "the door"));
        Assert.Contains("the door", failure.Message, StringComparison.Ordinal);
        wait.TryWake(1);
        Assert.Equal(1, await parked);
    });

    [Fact]
    public void An_abort_that_wakes_its_neighbours_leaves_no_wait_behind() => OnLoop.Run(async () =>
    {
        // As a lock does that hands over to the next waiter when one is cancelled.
        var waits = new List<Wait<int>>();
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            var flows = new List<Task>();
            for (int i = 0; i < 10; i++)
            {
                int next = (i + 1) % 10;
                int previous = (i + 9) % 10;
                var wait = new Wait<int>(EventLoop.Current, _ =>
                {
                    waits[next].TryWake(next);
                    waits[previous].TryWake(previous);
                });
                waits.Add(wait);
                flows.Add(ParkAsync(wait));
            }

            EventLoop.Current.Post(() => scope.Cancel());
            await Task.WhenAll(flows);
        });
        Assert.True(scope.CancelledCaught);
        Assert.All(waits, static wait => Assert.False(wait.IsInUse));

        static async Task ParkAsync(Wait<int> wait) => await wait.ParkAsync();
    });

    [Fact]
    public void Waits_of_a_cancelled_scope_end_in_the_order_in_which_they_began() => OnLoop.Run(async () =>
    {
        var order = new List<int>();
        await CancelScope.RunAsync(async scope =>
        {
            Task[] flows = [.. Enumerable.Range(0, 5).Select(FlowAsync)];
            EventLoop.Current.Post(() => scope.Cancel());
            await Task.WhenAll(flows);
        });
        Assert.Equal([0, 1, 2, 3, 4], order);

        async Task FlowAsync(int number)
        {
            try
            {
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            }
            finally
            {
                order.Add(number);
            }
        }
    });

    [Fact]
    public void Code_that_fails_when_told_of_an_abort_keeps_no_wait_from_ending_and_is_the_scopes_failure() => OnLoop.Run(static async () =>
    {
        var failing = new Wait<int>(EventLoop.Current, static _ => throw new InvalidTimeZoneException());
        var other = new Wait<int>(EventLoop.Current);
        int ended = 0;
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(scope =>
        {
            EventLoop.Current.Post(() => scope.Cancel());
            return Task.WhenAll(WaitAsync(failing), WaitAsync(other));
        }));
        Assert.Equal(2, ended);

        async Task WaitAsync(Wait<int> wait)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await wait.ParkAsync());
            ended++;
        }
    });

    [Fact]
    public void A_wait_without_a_loop_is_refused() => Assert.Throws<ArgumentNullException>(static () => new Wait<int>(null!));
}
