namespace Gyre.Tests.CooperativeThreads;

/// <summary>Scopes around blocking-style code, and what a cancellation does to a thread that waits.</summary>
public sealed class ScopeTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_late = TimeSpan.FromHours(1);

    [Fact]
    public void MoveOnAfter_goes_on_behind_the_body() => OnLoop.Run(static () => CooperativeThread.Run(static () =>
    {
        CancelScope scope = CancelScope.MoveOnAfter(s_soon, static _ => CooperativeThread.Sleep(s_late));
        Assert.True(scope.CancelledCaught);
        Assert.False(CancelScope.MoveOnAfter(s_late, static _ => CooperativeThread.Yield()).CancelledCaught);
        CooperativeThread.Yield();
    }));

    [Fact]
    public void FailAfter_throws() => OnLoop.Run(static () => CooperativeThread.Run(static () =>
    {
        Assert.Throws<TimeoutException>(static () => CancelScope.FailAfter(s_soon, static _ => CooperativeThread.Sleep(s_late)));
        CancelScope.FailAfter(s_late, static _ => CooperativeThread.Yield());
    }));

    [Fact]
    public void A_scope_is_cancelled_by_hand_and_passes_other_failures() => OnLoop.Run(static () => CooperativeThread.Run(static () =>
    {
        CancelScope scope = CancelScope.Run(static scope =>
        {
            scope.Cancel("enough");
            CooperativeThread.Yield();
            Assert.Fail("A cancelled scope let a wait pass.");
        });
        Assert.True(scope.CancelledCaught);
        Assert.Equal("enough", scope.Reason);
        InvalidDataException thrown = Assert.Throws<InvalidDataException>(static () => CancelScope.Run(static _ => throw new InvalidDataException()));
        Assert.NotNull(thrown.StackTrace);
    }));

    [Fact]
    public void The_outer_of_two_ends_both_and_swallows_alone() => OnLoop.Run(static () => CooperativeThread.Run(static () =>
    {
        CancelScope? inner = null;
        bool wentOn = false;
        CancelScope outer = CancelScope.MoveOnAfter(s_soon, _ =>
        {
            CancelScope.MoveOnAfter(s_late, scope =>
            {
                inner = scope;
                CooperativeThread.Sleep(s_late);
            });
            wentOn = true;
        });
        Assert.Equal((true, false, false), (outer.CancelledCaught, inner!.CancelledCaught, wentOn));
    }));

    [Fact]
    public void A_shield_keeps_the_cancellation_out() => OnLoop.Run(static () => CooperativeThread.Run(static () =>
    {
        bool cleaned = false;
        CancelScope outer = CancelScope.Run(scope =>
        {
            scope.Cancel();
            CancelScope.Run(inner =>
            {
                inner.Shield = true;
                CooperativeThread.Sleep(s_soon);
                cleaned = true;
            });
            CooperativeThread.Yield();
        });
        Assert.Equal((true, true), (outer.CancelledCaught, cleaned));
    }));

    [Fact]
    public void A_scope_around_the_thread_ends_its_wait_and_a_swallowing_thread_is_thrown_out_of_each_further_one() => OnLoop.Run(static async () =>
    {
        int thrown = 0;
        CancelScope scope = await CancelScope.MoveOnAfterAsync(s_soon, async _ => await CooperativeThread.Run(() =>
        {
            for (int i = 0; i < 10; i++)
            {
                try
                {
                    CooperativeThread.Sleep(s_late);
                }
                catch (OperationCanceledException)
                {
                    thrown++;
                }
            }

            CooperativeThread.Yield();
        }));
        Assert.Equal((true, 10), (scope.CancelledCaught, thrown));
    });

    [Fact]
    public void A_body_in_a_cancelled_scope_begins_and_its_first_wait_throws() => OnLoop.Run(static async () =>
    {
        bool began = false;
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel();
            await CooperativeThread.Run(() =>
            {
                began = true;
                CooperativeThread.Yield();
            });
        });
        Assert.Equal((true, true), (began, scope.CancelledCaught));
    });

    [Fact]
    public void A_cancelled_thread_of_a_group_ends_as_cancelled() => OnLoop.Run(static async () =>
    {
        Coroutine? child = null;
        await TaskGroup.RunAsync(async group =>
        {
            child = group.SpawnThread(static () => CooperativeThread.Sleep(s_late));
            await OnLoop.TurnsAsync(2);
            child.Cancel();
        });
        Assert.Equal(FutureState.Cancelled, child!.State);
    });

    [Fact]
    public void A_result_and_a_cancellation_in_one_turn_give_the_result() => OnLoop.Run(static async () =>
    {
        var answer = new Future<int>("answer");
        int got = 0;
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            Task run = CooperativeThread.Run(() =>
            {
                got = answer.Wait();
                CooperativeThread.Yield();
            });
            answer.SetResult(3);
            scope.Cancel();
            await run;
        });
        Assert.Equal((3, true), (got, scope.CancelledCaught));
    });

    [Fact]
    public void A_scope_in_a_thread_keeps_its_waits_apart_from_the_callers() => OnLoop.Run(static async () =>
    {
        var door = new Future("door");
        Task run = CooperativeThread.Run(() => CancelScope.MoveOnAfter(s_soon, _ => door.Wait()));
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(3));
        Assert.Equal(FutureState.Pending, door.State);
        await run;
    });

    [Fact]
    public void A_failing_callback_posted_by_a_thread_goes_to_the_scope_of_the_thread() => OnLoop.Run(static async () =>
    {
        await Assert.ThrowsAsync<InvalidDataException>(static () => CooperativeThread.Run(static () => CancelScope.Run(static _ =>
        {
            EventLoop.Current.Post(static () => throw new InvalidDataException());
            CooperativeThread.Sleep(TimeSpan.FromHours(1));
        })));
    });

    [Fact]
    public void Without_a_cooperative_thread_a_blocking_scope_is_refused_before_its_body() => OnLoop.Run(static () =>
    {
        Assert.Throws<InvalidOperationException>(static () => CancelScope.Run(static _ => Assert.Fail("It ran.")));
        Assert.Throws<InvalidOperationException>(static () => CancelScope.MoveOnAfter(s_soon, static _ => Assert.Fail("It ran.")));
        Assert.Throws<InvalidOperationException>(static () => CancelScope.FailAfter(s_soon, static _ => Assert.Fail("It ran.")));
        return Task.CompletedTask;
    });
}
