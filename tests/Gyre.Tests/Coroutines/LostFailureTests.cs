namespace Gyre.Tests;

/// <summary>A failure that nobody has looked at is the business of the scope it happened in, when that closes.</summary>
public sealed class LostFailureTests
{
    private static readonly Func<Func<Task>, Task>[] s_owners =
    [
        static body => CancelScope.RunAsync(_ => body()),
        static body => CancelScope.MoveOnAfterAsync(TimeSpan.FromHours(1), _ => body()),
        static body => TaskGroup.RunAsync(_ => body()),
        static body => TaskGroup.RunAsync(group =>
        {
            group.Spawn(body);
            return Task.CompletedTask;
        }),
        static body => TaskGroup.RunAsync(async group => await group.Spawn(body)),
    ];

    public static TheoryData<int> Owners { get; } = [.. Enumerable.Range(0, s_owners.Length)];

    [Theory]
    [MemberData(nameof(Owners))]
    public void It_fails_its_scope_when_that_closes(int owner) => OnLoop.Run(async () =>
    {
        var thrown = new InvalidTimeZoneException();
        bool wentOn = false;
        Assert.Same(thrown, await Assert.ThrowsAsync<InvalidTimeZoneException>(() => s_owners[owner](async () =>
        {
            new Future().SetException(thrown);
            await OnLoop.TurnsAsync(3);
            wentOn = true;
        })));
        Assert.True(wentOn);
    });

    [Fact]
    public void It_fails_the_run_when_it_is_that_of_main()
    {
        var thrown = new InvalidTimeZoneException();
        bool wentOn = false;
        Assert.Same(thrown, OnLoop.Throws<InvalidTimeZoneException>(async () =>
        {
            new Future<int>().SetException(thrown);
            await OnLoop.TurnsAsync(3);
            wentOn = true;
        }));
        Assert.True(wentOn);
    }

    [Fact]
    public void It_fails_the_run_when_it_happened_in_a_callback_of_the_loop_itself()
    {
        var thrown = new InvalidTimeZoneException();
        Assert.Same(thrown, OnLoop.Throws<InvalidTimeZoneException>(async () =>
        {
            EventLoop.Current.PostFromAnyThread(() => new Future().SetException(thrown));
            await OnLoop.TurnsAsync(3);
        }));
    }

    [Theory]
    [MemberData(nameof(Owners))]
    public void Whoever_looked_at_it_has_taken_it_over(int owner) => OnLoop.Run(() => s_owners[owner](static async () =>
    {
        Future Failed()
        {
            var future = new Future();
            future.SetException(new InvalidTimeZoneException());
            return future;
        }

        Assert.NotNull(Failed().Failure);
        Assert.Throws<InvalidTimeZoneException>(Failed().ThrowIfNotSucceeded);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await Failed());
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => Failed().AsTask());

        var typed = new Future<int>();
        typed.SetException(new InvalidTimeZoneException());
        Assert.Throws<InvalidTimeZoneException>(() => typed.Result);

        var beforehand = new Future();
        Task waiting = beforehand.WaitAsync().AsTask();
        beforehand.SetException(new InvalidTimeZoneException());
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => waiting);
    }));

    [Fact]
    public void Asking_whether_it_is_done_is_not_looking() => OnLoop.Run(static async () =>
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(static _ =>
        {
            var future = new Future("careless");
            Assert.Null(future.Failure);
            future.SetException(new InvalidTimeZoneException());
            Assert.True(future.IsDone);
            Assert.Equal(FutureState.Failed, future.State);
            Assert.Equal("careless", future.ToString());
            return Task.CompletedTask;
        })));

    [Fact]
    public void A_waiter_that_was_cancelled_before_it_failed_has_not_seen_it() => OnLoop.Run(static async () =>
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(static async _ =>
        {
            var future = new Future();
            await CancelScope.RunAsync(async scope =>
            {
                EventLoop.Current.Post(() => scope.Cancel());
                await future;
            });
            future.SetException(new InvalidTimeZoneException());
        })));

    [Fact]
    public void A_future_that_outlives_its_scope_answers_to_the_one_around() => OnLoop.Run(static async () =>
    {
        var thrown = new InvalidTimeZoneException();
        bool wentOn = false;
        Assert.Same(thrown, await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(async _ =>
        {
            Future? outliving = null;
            await CancelScope.RunAsync(static _ => CancelScope.RunAsync(static _ => Task.CompletedTask));
            await CancelScope.RunAsync(_ => CancelScope.RunAsync(_ =>
            {
                outliving = new Future();
                return Task.CompletedTask;
            }));
            outliving!.SetException(thrown);
            wentOn = true;
        })));
        Assert.True(wentOn);
    });

    [Fact]
    public void A_cancelled_future_is_nobodys_failure() => OnLoop.Run(() => CancelScope.RunAsync(static _ =>
    {
        new Future().Cancel();
        return Task.CompletedTask;
    }));

    [Fact]
    public void It_comes_beside_the_failure_of_the_body() => OnLoop.Run(static async () =>
    {
        var lost = new InvalidTimeZoneException();
        var body = new NotSupportedException();
        Func<Func<Task>, Task>[] owners = [static run => CancelScope.RunAsync(_ => run()), static run => TaskGroup.RunAsync(_ => run())];
        foreach (Func<Func<Task>, Task> owner in owners)
        {
            Exception failure = await Assert.ThrowsAsync<NotSupportedException>(() => owner(() =>
            {
                new Future().SetException(lost);
                throw body;
            }));
            Assert.Same(body, failure);
            Assert.Contains(lost, TaskGroup.FurtherFailuresOf(failure));
        }
    });

    [Fact]
    public void A_scope_that_swallows_its_cancellation_does_not_swallow_the_failure() => OnLoop.Run(static async () =>
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(static async scope =>
        {
            new Future().SetException(new InvalidTimeZoneException());
            scope.Cancel();
            await Coroutine.YieldAsync();
        })));

    [Fact]
    public void A_coroutine_whose_failure_the_group_tells_is_not_told_twice() => OnLoop.Run(static async () =>
    {
        var thrown = new InvalidTimeZoneException();
        Exception failure = await Assert.ThrowsAsync<InvalidTimeZoneException>(() => TaskGroup.RunAsync(group =>
        {
            group.Spawn(() => throw thrown);
            return Task.CompletedTask;
        }));
        Assert.Empty(TaskGroup.FurtherFailuresOf(failure));
    });

    [Fact]
    public void A_scope_keeps_a_thousand_and_then_fails_with_the_oldest() => OnLoop.Run(static async () =>
    {
        int made = 0;
        Exception failure = await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(async scope =>
        {
            while (!scope.IsCancelRequested)
            {
                new Future().SetException(new InvalidTimeZoneException($"number {made}"));
                made++;
                Assert.InRange(made, 0, 1001);
            }

            await Coroutine.YieldAsync();
        }));
        Assert.Equal(1001, made);
        Assert.Equal("number 0", failure.Message);
        Assert.Equal(1000, TaskGroup.FurtherFailuresOf(failure).Count);
    });

    [Fact]
    public void Those_that_were_seen_make_room_for_others() => OnLoop.Run(() => CancelScope.RunAsync(static async scope =>
    {
        for (int i = 0; i < 5000; i++)
        {
            var future = new Future();
            future.SetException(new InvalidTimeZoneException());
            Assert.NotNull(future.Failure);
        }

        Assert.False(scope.IsCancelRequested);
        await Coroutine.YieldAsync();
    }));
}
