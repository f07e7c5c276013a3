namespace Gyre.Tests;

public sealed class ScopeTokenTests
{
    [Fact]
    public void The_token_is_cancelled_with_its_scope_and_with_one_around_it() => OnLoop.Run(async () =>
    {
        CancellationToken own = default;
        CancellationToken inherited = default;
        await CancelScope.RunAsync(async outer =>
        {
            own = outer.Token;
            await CancelScope.RunAsync(inner =>
            {
                inherited = inner.Token;
                Assert.False(own.IsCancellationRequested || inherited.IsCancellationRequested);
                outer.Cancel();
                return Task.CompletedTask;
            });
        });
        Assert.True(own.IsCancellationRequested);
        Assert.True(inherited.IsCancellationRequested);
    });

    [Fact]
    public void Asked_for_after_the_cancellation_it_is_cancelled() => OnLoop.Run(() => CancelScope.RunAsync(static scope =>
    {
        scope.Cancel();
        Assert.True(scope.Token.IsCancellationRequested);
        return Task.CompletedTask;
    }));

    [Fact]
    public void A_shield_keeps_the_token_uncancelled() => OnLoop.Run(() => CancelScope.RunAsync(static outer => CancelScope.RunAsync(inner =>
    {
        inner.Shield = true;
        CancellationToken token = inner.Token;
        outer.Cancel();
        Assert.False(token.IsCancellationRequested);
        inner.Shield = false;
        Assert.True(token.IsCancellationRequested);
        return Task.CompletedTask;
    })));

    [Fact]
    public void A_wait_given_the_scopes_own_token_ends_once() => OnLoop.Run(async () =>
    {
        CancelScope scope = await CancelScope.RunAsync(static async scope =>
        {
            EventLoop.Current.Post(() => scope.Cancel());
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan, scope.Token);
        });
        Assert.True(scope.CancelledCaught);
    });

    [Fact]
    public void A_registration_that_throws_fails_the_scope_and_keeps_no_wait_from_ending() => OnLoop.Run(async () =>
    {
        bool threwIntoCaller = false;
        var failure = await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(async scope =>
        {
            scope.Token.Register(static () => throw new InvalidTimeZoneException("a registration"));
            EventLoop.Current.Post(() =>
            {
                threwIntoCaller = true;
                scope.Cancel();
                threwIntoCaller = false;
            });
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        }));
        Assert.Equal("a registration", failure.Message);
        Assert.False(threwIntoCaller);
    });

    [Fact]
    public void A_registration_that_throws_at_a_deadline_does_not_kill_the_loop() => OnLoop.Run(async () =>
    {
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(1), static async scope =>
        {
            scope.Token.Register(static () => throw new InvalidTimeZoneException());
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        }));
        await Coroutine.YieldAsync();
    });

    [Fact]
    public void A_groups_token_is_cancelled_when_a_child_fails() => OnLoop.Run(async () =>
    {
        CancellationToken token = default;
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => TaskGroup.RunAsync(group =>
        {
            token = group.Token;
            group.Spawn(static () => throw new InvalidTimeZoneException());
            return Task.CompletedTask;
        }));
        Assert.True(token.IsCancellationRequested);
    });
}
