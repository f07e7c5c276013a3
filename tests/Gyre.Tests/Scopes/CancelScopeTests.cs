namespace Gyre.Tests;

public sealed class CancelScopeTests
{
    [Fact]
    public void A_body_that_ends_well_ends_the_scope_well() => OnLoop.Run(async () =>
    {
        CancelScope scope = await CancelScope.RunAsync(static async scope =>
        {
            Assert.False(scope.IsCancelled);
            await Coroutine.YieldAsync();
        });
        Assert.False(scope.CancelledCaught);
        Assert.False(scope.IsCancelRequested);
        Assert.Null(scope.Reason);
    });

    [Fact]
    public void Cancelled_before_its_first_wait_the_wait_throws() => OnLoop.Run(async () =>
    {
        bool passed = false;
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel();
            Assert.True(scope.IsCancelRequested);
            Assert.True(scope.IsCancelled);
            await Coroutine.YieldAsync();
            passed = true;
        });
        Assert.True(scope.CancelledCaught);
        Assert.False(passed);
    });

    [Fact]
    public void Cancelled_while_it_waits_the_wait_ends() => OnLoop.Run(async () =>
    {
        CancelScope scope = await CancelScope.RunAsync(static async scope =>
        {
            EventLoop.Current.Post(() => scope.Cancel());
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        });
        Assert.True(scope.CancelledCaught);
    });

    [Fact]
    public void Cancelled_after_its_end_nothing_happens() => OnLoop.Run(async () =>
    {
        CancelScope scope = await CancelScope.RunAsync(static async _ => await Coroutine.YieldAsync());
        scope.Cancel("too late");
        Assert.False(scope.IsCancelRequested);
        Assert.Null(scope.Reason);
        Assert.Throws<InvalidOperationException>(() => scope.Shield = true);
        Assert.Throws<InvalidOperationException>(() => scope.Deadline = TimeSpan.Zero);
    });

    [Fact]
    public void A_body_that_is_cancelled_and_never_waits_again_ends_well() => OnLoop.Run(async () =>
    {
        CancelScope scope = await CancelScope.RunAsync(static scope =>
        {
            scope.Cancel();
            return Task.CompletedTask;
        });
        Assert.True(scope.IsCancelRequested);
        Assert.False(scope.CancelledCaught);
    });

    [Fact]
    public void Level_triggered_every_later_wait_throws_until_the_scope_is_left() => OnLoop.Run(async () =>
    {
        int thrown = 0;
        await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel();
            for (int i = 0; i < 5; i++)
            {
                Func<ValueTask> wait = i % 2 == 0 ? Coroutine.YieldAsync : static () => Coroutine.SleepAsync(TimeSpan.FromHours(1));
                await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await wait());
                thrown++;
            }
        });
        Assert.Equal(5, thrown);
        await Coroutine.YieldAsync();
    });

    [Fact]
    public void Only_the_scope_that_asked_swallows() => OnLoop.Run(async () =>
    {
        CancelScope? middle = null;
        CancelScope? inner = null;
        bool afterInner = false;
        bool afterMiddle = false;
        CancelScope outer = await CancelScope.RunAsync(async outer =>
        {
            await CancelScope.RunAsync(async scope =>
            {
                middle = scope;
                await CancelScope.RunAsync(async scope =>
                {
                    inner = scope;
                    EventLoop.Current.Post(() => outer.Cancel());
                    await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                });
                afterInner = true;
            });
            afterMiddle = true;
        });
        Assert.True(outer.CancelledCaught);
        Assert.False(middle!.CancelledCaught);
        Assert.False(inner!.CancelledCaught);
        Assert.True(inner.IsCancelled);
        Assert.False(inner.IsCancelRequested);
        Assert.False(afterInner || afterMiddle);
    });

    [Fact]
    public void Inner_and_outer_cancelled_together_the_outer_swallows() => OnLoop.Run(async () =>
    {
        CancelScope? inner = null;
        bool afterInner = false;
        CancelScope outer = await CancelScope.RunAsync(async outer =>
        {
            await CancelScope.RunAsync(async scope =>
            {
                inner = scope;
                EventLoop.Current.Post(() =>
                {
                    scope.Cancel();
                    outer.Cancel();
                });
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            });
            afterInner = true;
        });
        Assert.True(outer.CancelledCaught);
        Assert.False(inner!.CancelledCaught);
        Assert.False(afterInner);
    });

    [Fact]
    public void A_foreign_cancellation_passes_through_a_scope_that_was_not_cancelled() => OnLoop.Run(async () =>
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => CancelScope.RunAsync(async _ => await Coroutine.SleepAsync(TimeSpan.FromHours(1), source.Token)));
        Assert.Equal(source.Token, failure.CancellationToken);
    });

    [Fact]
    public void A_failure_passes_through_as_itself_also_when_the_scope_was_cancelled() => OnLoop.Run(async () =>
    {
        await Assert.ThrowsAsync<InvalidTimeZoneException>(
            () => CancelScope.RunAsync(static _ => throw new InvalidTimeZoneException()));
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(static async scope =>
        {
            scope.Cancel();
            await Task.CompletedTask;
            throw new InvalidTimeZoneException();
        }));
    });

    [Fact]
    public void The_first_reason_counts_and_is_in_the_message_with_the_coroutines_name() => OnLoop.Run(() => TaskGroup.RunAsync(group =>
    {
        group.Spawn(
            static () => CancelScope.RunAsync(static async scope =>
            {
                scope.Cancel("the first reason");
                scope.Cancel("the second");
                Assert.Equal("the first reason", scope.Reason);
                var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(static async () => await Coroutine.YieldAsync());
                Assert.Contains("the first reason", failure.Message, StringComparison.Ordinal);
                Assert.Contains("the child", failure.Message, StringComparison.Ordinal);
            }),
            "the child");
        return Task.CompletedTask;
    }));

    [Fact]
    public void A_null_body_and_a_body_that_returns_null_are_refused() => OnLoop.Run(async () =>
    {
        Assert.Throws<ArgumentNullException>(static () => { _ = CancelScope.RunAsync(null!); });
        await Assert.ThrowsAsync<InvalidOperationException>(() => CancelScope.RunAsync(static _ => null!));
        await Coroutine.YieldAsync();
    });

    [Fact]
    public void After_an_inner_scope_the_outer_is_current_again() => OnLoop.Run(async () =>
    {
        CancelScope outer = await CancelScope.RunAsync(static async outer =>
        {
            for (int i = 0; i < 3; i++)
            {
                await CancelScope.RunAsync(static async inner =>
                {
                    inner.Cancel();
                    await Coroutine.YieldAsync();
                });
                await Coroutine.YieldAsync();
            }

            // A synchronous body changes the current scope for its own time only.
            await CancelScope.RunAsync(static _ => Task.CompletedTask);
            outer.Cancel();
            await Coroutine.YieldAsync();
        });
        Assert.True(outer.CancelledCaught);
        await Coroutine.YieldAsync();
    });

    [Fact]
    public void A_thousand_nested_scopes_are_cancelled_by_the_outermost() => OnLoop.Run(async () =>
    {
        CancelScope outer = await CancelScope.RunAsync(static async outer =>
        {
            EventLoop.Current.Post(() => outer.Cancel());
            await NestAsync(1000);
        });
        Assert.True(outer.CancelledCaught);

        static async Task NestAsync(int depth)
        {
            if (depth == 0)
            {
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                return;
            }

            await CancelScope.RunAsync(_ => NestAsync(depth - 1));
        }
    });
}
