using Gyre.Sync;

namespace Gyre.Tests.Offloading;

/// <summary>Work that a cancelled caller leaves behind.</summary>
public sealed class AbandonTests
{
    private static readonly OffloadOptions s_abandon = new() { AbandonOnCancel = true };

    [Fact]
    public void Abandoned_work_lets_its_caller_go_at_once_and_keeps_its_place_until_it_ends() => OnLoop.Run(static async () =>
    {
        using var go = new ManualResetEventSlim();
        var limiter = new CapacityLimiter(1);
        CancellationToken seen = default;
        CancelScope scope = await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(2), async _ => await Offload.RunAsync(
            work =>
            {
                seen = work.Token;
                go.Wait();
            },
            s_abandon with { Limiter = limiter }));
        Assert.True(scope.CancelledCaught);
        Assert.Equal((1, 0), (limiter.BorrowedTokens, limiter.AvailableTokens));
        go.Set();
        await OnLoop.UntilAsync(() => limiter.BorrowedTokens == 0);
        Assert.True(seen == default || seen.IsCancellationRequested);
    });

    [Fact]
    public void A_later_failure_of_abandoned_work_fails_the_scope_around_the_one_that_was_left() => OnLoop.Run(static async () =>
    {
        using var go = new ManualResetEventSlim();
        await Assert.ThrowsAsync<InvalidDataException>(() => CancelScope.RunAsync(async _ =>
        {
            await AbandonAsync(_ =>
            {
                go.Wait();
                throw new InvalidDataException();
            });
            go.Set();
            await Coroutine.SleepAsync(TimeSpan.FromHours(1));
        }));
    });

    [Fact]
    public void A_later_cancellation_of_abandoned_work_is_nobodys_failure() => OnLoop.Run(static async () =>
    {
        var limiter = new CapacityLimiter(1);
        await AbandonAsync(
            static work =>
            {
                work.Token.WaitHandle.WaitOne();
                work.ThrowIfCancelled();
            },
            limiter);
        await OnLoop.UntilAsync(() => limiter.BorrowedTokens == 0);
        await OnLoop.TurnsAsync(3);
    });

    [Fact]
    public void Abandoned_work_can_not_call_back() => OnLoop.Run(static async () =>
    {
        Exception? refused = null;
        bool called = false;
        var limiter = new CapacityLimiter(1);
        await AbandonAsync(
            work =>
            {
                work.Token.WaitHandle.WaitOne();
                Assert.True(SpinWait.SpinUntil(() => (refused = Record.Exception(() => work.Invoke(() => called = true))) is not null, OnLoop.HangBound));
            },
            limiter);
        await OnLoop.UntilAsync(() => limiter.BorrowedTokens == 0);
        Assert.False(called);
        Assert.IsType<OperationCanceledException>(refused);
        Assert.Contains("abandoned", refused.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_call_that_was_under_way_when_the_work_was_abandoned_is_not_run() => OnLoop.Run(static async () =>
    {
        EventLoop loop = EventLoop.Current;
        using var begun = new ManualResetEventSlim();
        bool called = false;
        Exception? refused = null;
        var limiter = new CapacityLimiter(1);
        await CancelScope.RunAsync(async scope =>
        {
            Task work = Offload.RunAsync(
                work =>
                {
                    begun.Set();
                    refused = Record.Exception(() => work.Invoke(() => called = true));
                },
                s_abandon with { Limiter = limiter });

            // The loop doesn't turn until the call lies in its inbox; then the caller leaves.
            begun.Wait();
            Assert.True(SpinWait.SpinUntil(() => loop.HasWorkItCannotRun, OnLoop.HangBound));
            scope.Cancel();
            await work;
        });
        await OnLoop.UntilAsync(() => limiter.BorrowedTokens == 0);
        Assert.False(called);
        Assert.IsType<OperationCanceledException>(refused);
    });

    /// <summary>Offloads and leaves the work behind, once it has begun.</summary>
    private static async Task AbandonAsync(Action<OffloadedWork> work, CapacityLimiter? limiter = null)
    {
        using var begun = new SemaphoreSlim(0);
        CancelScope scope = await CancelScope.RunAsync(scope => TaskGroup.RunAsync(async group =>
        {
            group.Spawn(() => Offload.RunAsync(
                offloaded =>
                {
                    begun.Release();
                    work(offloaded);
                },
                s_abandon with { Limiter = limiter }));
            await begun.WaitAsync();
            scope.Cancel();
        }));
        Assert.True(scope.CancelledCaught || scope.IsCancelRequested);
    }
}
