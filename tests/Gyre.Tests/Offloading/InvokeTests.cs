using Gyre.Diagnostics;

namespace Gyre.Tests.Offloading;

/// <summary>Calls from offloaded work back into the loop, and loops that end meanwhile.</summary>
public sealed class InvokeTests
{
    [Fact]
    public void A_call_runs_on_the_loop_in_the_coroutine_and_scope_of_the_caller() => OnLoop.Run(static async () =>
    {
        CoroutineNode? caller = Coroutine.Current;
        int thread = Environment.CurrentManagedThreadId;
        await CancelScope.MoveOnAfterAsync(TimeSpan.FromHours(1), async _ =>
        {
            TimeSpan? deadline = CancelScope.CurrentEffectiveDeadline;
            Assert.Equal(3, await Offload.RunAsync(work => work.Invoke(() =>
            {
                Look();
                return 3;
            })));
            Assert.Equal(4, await Offload.RunAsync(work => work.Invoke(async () =>
            {
                Look();
                await Coroutine.YieldAsync();
                Look();
                return 4;
            })));

            void Look()
            {
                Assert.Same(caller, Coroutine.Current);
                Assert.Equal(deadline, CancelScope.CurrentEffectiveDeadline);
                Assert.Equal(thread, Environment.CurrentManagedThreadId);
            }
        });
    });

    [Fact]
    public void Exceptions_come_back_to_the_work_as_themselves() => OnLoop.Run(static () => Offload.RunAsync(static work =>
    {
        Assert.Throws<InvalidDataException>(() => work.Invoke((Action)(static () => throw new InvalidDataException())));
        Assert.Throws<InvalidDataException>(() => work.Invoke(static int () => throw new InvalidDataException()));
        InvalidDataException thrown = Assert.Throws<InvalidDataException>(() => work.Invoke(FailAsync));
        Assert.Contains(nameof(FailAsync), thrown.StackTrace, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => work.Invoke(static Task<int> () => null!));
        Assert.Throws<ArgumentNullException>(() => work.Invoke((Action)null!));

        static async Task FailAsync()
        {
            await Coroutine.YieldAsync();
            throw new InvalidDataException();
        }
    }));

    [Fact]
    public void In_a_cancelled_scope_a_call_runs_and_its_waits_throw() => OnLoop.Run(static async () =>
    {
        bool ran = false;
        Exception? thrown = null;
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            await Offload.RunAsync(work =>
            {
                work.Invoke(() => scope.Cancel());
                work.Invoke(() => ran = true);
                thrown = Record.Exception(() => work.Invoke(static async () => await Coroutine.YieldAsync()));
                work.ThrowIfCancelled();
            });
        });
        Assert.Equal((true, true), (ran, scope.CancelledCaught));
        Assert.IsAssignableFrom<OperationCanceledException>(thrown);
    });

    [Fact]
    public void A_call_that_waits_is_ended_by_the_callers_cancellation() => OnLoop.Run(static async () =>
    {
        CancelScope scope = await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(2), static async _ =>
            await Offload.RunAsync(static work => work.Invoke(static async () => await Coroutine.SleepAsync(TimeSpan.FromHours(1)))));
        Assert.True(scope.CancelledCaught);
    });

    [Fact]
    public void On_a_loops_own_thread_and_on_a_cooperative_one_it_is_refused() => OnLoop.Run(static async () =>
    {
        OffloadedWork? kept = null;
        await Offload.RunAsync(work => { kept = work; });
        Assert.Contains("would block", Assert.Throws<InvalidOperationException>(() => kept!.Invoke(static () => { })).Message, StringComparison.Ordinal);
        await CooperativeThread.Run(() => { Assert.Throws<InvalidOperationException>(() => kept!.Invoke(static () => { })); });
    });

    [Fact]
    public void A_call_from_within_a_call_is_refused() => OnLoop.Run(static () => Offload.RunAsync(static work => work.Invoke(() =>
        { Assert.Throws<InvalidOperationException>(() => work.Invoke(static () => { })); })));

    [Fact]
    public void Work_uses_what_belongs_to_the_loop_by_calls_alone() => OnLoop.Run(static async () =>
    {
        var progress = new Future<int>("progress");
        int seen = 0;
        await TaskGroup.RunAsync(group =>
        {
            group.Spawn(async () => seen = await progress);
            group.Spawn(() => Offload.RunAsync(work =>
            {
                Assert.Throws<InvalidOperationException>(() => progress.SetResult(1));
                work.Invoke(() => progress.SetResult(2));
            }));
            return Task.CompletedTask;
        });
        Assert.Equal(2, seen);
    });

    [Fact]
    public void The_run_waits_within_its_grace_for_work_that_nobody_abandoned()
    {
        bool ended = false;
        OnLoop.Run(
            () =>
            {
                EventLoop.Current.Spawn(() => Offload.RunAsync(work =>
                {
                    Assert.True(work.Token.WaitHandle.WaitOne(OnLoop.HangBound));
                    Thread.SpinWait(100_000);
                    ended = true;
                }));
                return OnLoop.TurnsAsync(2);
            },
            OnLoop.Options with { ShutdownGrace = OnLoop.HangBound });
        Assert.True(ended);
    }

    [Fact]
    public void A_loop_that_ends_under_the_work_names_it_and_refuses_its_calls()
    {
        using var go = new ManualResetEventSlim();
        using var over = new ManualResetEventSlim();
        Exception? refused = null;
        TimeoutException thrown = OnLoop.Throws<TimeoutException>(
            () =>
            {
                EventLoop.Current.Spawn(() => Offload.RunAsync(
                    work =>
                    {
                        go.Wait();
                        refused = Record.Exception(() => work.Invoke(static () => { }));
                        over.Set();
                    },
                    new OffloadOptions { Name = "stubborn work" }));
                return OnLoop.TurnsAsync(2);
            },
            OnLoop.Options with { ShutdownGrace = TimeSpan.Zero });
        Assert.Contains("stubborn work", thrown.Message, StringComparison.Ordinal);
        go.Set();
        Assert.True(over.Wait(OnLoop.HangBound), "The work hangs.");
        Assert.IsType<ObjectDisposedException>(refused);
    }

    [Fact]
    public void A_loop_that_ends_while_a_call_waits_lets_the_work_go()
    {
        using var over = new ManualResetEventSlim();
        Exception? refused = null;
        OnLoop.Throws<TimeoutException>(
            async () =>
            {
                bool waits = false;
                EventLoop.Current.Spawn(() => CancelScope.RunAsync(scope => Offload.RunAsync(work =>
                {
                    refused = Record.Exception(() => work.Invoke(async () =>
                    {
                        scope.Shield = true;
                        waits = true;
                        await Coroutine.SleepAsync(TimeSpan.FromHours(1));
                    }));
                    over.Set();
                })));
                await OnLoop.UntilAsync(() => waits);
            },
            OnLoop.Options with { ShutdownGrace = TimeSpan.Zero });
        Assert.True(over.Wait(OnLoop.HangBound), "The work hangs.");
        Assert.IsType<ObjectDisposedException>(refused);
    }
}
