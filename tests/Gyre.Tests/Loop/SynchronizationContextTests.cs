namespace Gyre.Tests;

public sealed class SynchronizationContextTests
{
    [Fact]
    public void Send_on_the_loop_runs_inline_in_the_contexts_scope() => OnLoop.Run(async () =>
    {
        SynchronizationContext outer = SynchronizationContext.Current!;
        await CancelScope.RunAsync(scope =>
        {
            SynchronizationContext inner = SynchronizationContext.Current!;
            Assert.NotSame(outer, inner);
            SynchronizationContext? seen = null;
            outer.Send(_ => seen = SynchronizationContext.Current, null);
            Assert.Same(outer, seen);
            Assert.Same(inner, SynchronizationContext.Current);
            return Task.CompletedTask;
        });
    });

    [Fact]
    public void Send_from_another_thread_blocks_until_the_loop_has_run_it() => OnLoop.Run(async () =>
    {
        SynchronizationContext context = SynchronizationContext.Current!;
        EventLoop loop = EventLoop.Current;
        bool ran = false;
        await Task.Run(() =>
        {
            context.Send(_ => ran = loop.HasAccess, null);
            Assert.True(ran);
        });
    });

    [Fact]
    public void A_failure_of_what_was_sent_is_thrown_to_the_sender() => OnLoop.Run(async () =>
    {
        SynchronizationContext context = SynchronizationContext.Current!;
        await Assert.ThrowsAsync<InvalidTimeZoneException>(
            () => Task.Run(() => context.Send(static _ => throw new InvalidTimeZoneException(), null)));
        Assert.Throws<InvalidTimeZoneException>(() => context.Send(static _ => throw new InvalidTimeZoneException(), null));
    });

    [Fact]
    public void Send_and_Post_after_the_loops_end_run_on_the_pool()
    {
        SynchronizationContext context = OnLoop.Run(() => Task.FromResult(SynchronizationContext.Current!));
        bool ran = false;
        context.Send(_ => ran = true, null);
        Assert.True(ran);
        using var posted = new ManualResetEventSlim();
        context.Post(_ => posted.Set(), null);
        Assert.True(posted.Wait(OnLoop.HangBound));
    }

    [Fact]
    public void The_context_of_the_calling_thread_is_restored_after_the_run()
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        try
        {
            var own = new SynchronizationContext();
            SynchronizationContext.SetSynchronizationContext(own);
            GyreRuntime.Run(static async () => await Coroutine.YieldAsync(), OnLoop.Options);
            Assert.Same(own, SynchronizationContext.Current);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    [Fact]
    public void Two_flows_that_each_open_a_scope_nest_rightly() => OnLoop.Run(async () =>
    {
        CancelScope?[] scopes = new CancelScope?[2];
        var order = new List<string>();
        Task first = FlowAsync(0);
        Task second = FlowAsync(1);
        await Coroutine.YieldAsync();
        scopes[0]!.Cancel("only the first");
        await first;
        Assert.True(scopes[0]!.CancelledCaught);
        Assert.False(scopes[1]!.IsCancelled);
        Assert.False(second.IsCompleted);
        scopes[1]!.Cancel();
        await Task.WhenAll(first, second);
        Assert.True(scopes[1]!.CancelledCaught);

        async Task FlowAsync(int number) => await CancelScope.RunAsync(async scope =>
        {
            scopes[number] = scope;
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        });
    });

    [Fact]
    public void Two_flows_with_deadlines_each_end_at_their_own() => OnLoop.Run(async () =>
    {
        var order = new List<int>();
        await Task.WhenAll(FlowAsync(30), FlowAsync(10), FlowAsync(20));
        Assert.Equal([10, 20, 30], order);

        async Task FlowAsync(int milliseconds)
        {
            CancelScope scope = await CancelScope.MoveOnAfterAsync(
                TimeSpan.FromMilliseconds(milliseconds),
                static async _ =>
                {
                    await Coroutine.YieldAsync();
                    await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                });
            Assert.True(scope.CancelledCaught);
            order.Add(milliseconds);
        }
    });

    [Fact]
    public void A_cancelled_coroutine_cancels_every_one_of_its_flows() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        int cancelled = 0;
        Coroutine child = group.Spawn(() => Task.WhenAll(FlowAsync(), FlowAsync(), FlowAsync()));
        await OnLoop.TurnsAsync(2);
        child.Cancel();
        await OnLoop.TurnsAsync(5);
        Assert.Equal(3, cancelled);
        Assert.Equal(Diagnostics.CoroutineState.Cancelled, child.Node.State);

        async Task FlowAsync() => await CancelScope.RunAsync(async _ =>
        {
            try
            {
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            }
            finally
            {
                cancelled++;
            }
        });
    }));
}
