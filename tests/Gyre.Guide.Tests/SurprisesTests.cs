using Gyre.Generators;

namespace Gyre.Guide.Tests;

/// <summary>What the pages say under "What may surprise", where no snippet shows it.</summary>
public sealed class SurprisesTests
{
    [Fact]
    public void A_settled_future_gives_its_value_in_a_cancelled_scope_too()
    {
        bool got = false;
        Run(() => CancelScope.RunAsync(async scope =>
        {
            var future = new Future<int>();
            future.SetResult(1);
            scope.Cancel();
            got = await future == 1;
            await Coroutine.YieldAsync();
            got = false;
        }));
        Assert.True(got);
    }

    [Fact]
    public void A_timer_outlives_the_cancellation_of_its_scope() => Run(static async () =>
    {
        var fired = new Future();
        await CancelScope.RunAsync(scope =>
        {
            EventLoop.Current.CallLater(TimeSpan.FromMilliseconds(1), fired.SetResult);
            scope.Cancel();
            return Task.CompletedTask;
        });
        await fired;
    });

    [Fact]
    public void Posting_to_a_loop_that_has_ended_throws()
    {
        EventLoop? loop = null;
        Run(() =>
        {
            loop = EventLoop.Current;
            return Task.CompletedTask;
        });
        Assert.Throws<ObjectDisposedException>(() => loop!.PostFromAnyThread(static () => { }));
        Assert.Throws<InvalidOperationException>(() => loop!.Post(static () => { }));
    }

    [Fact]
    public void A_coroutine_that_awaits_itself_gets_an_error() => Run(static () => TaskGroup.RunAsync(static async group =>
    {
        Coroutine? self = null;
        self = group.Spawn(async () => { await Assert.ThrowsAsync<InvalidOperationException>(async () => await self!); });
        await self;
        Assert.Throws<InvalidOperationException>(self.SetResult);
    }));

    [Fact]
    public void The_cancellation_of_a_child_that_is_awaited_uncaught_is_a_failure() => Run(static () =>
        Assert.ThrowsAnyAsync<OperationCanceledException>(static () => TaskGroup.RunAsync(static async group =>
        {
            Coroutine child = group.Spawn(Forever);
            await Coroutine.YieldAsync();
            child.Cancel();
            await child;
        })));

    [Fact]
    public void A_cancellation_that_no_scope_asked_for_fails_its_coroutine() => Run(static () =>
        Assert.ThrowsAsync<OperationCanceledException>(static () => TaskGroup.RunAsync(static group =>
        {
            group.Spawn(static () => throw new OperationCanceledException("a foreign time-out"));
            return Task.CompletedTask;
        })));

    [Fact]
    public void A_child_spawned_into_a_cancelled_group_starts_and_its_first_wait_throws()
    {
        var log = new List<string>();
        Run(() => TaskGroup.RunAsync(group =>
        {
            group.Cancel();
            group.Spawn(async () =>
            {
                log.Add("started");
                await Coroutine.YieldAsync();
                log.Add("waited");
            });
            return Task.CompletedTask;
        }));
        Assert.Equal(["started"], log);
    }

    [Fact]
    public void A_group_that_loses_nothing_to_a_cancellation_from_outside_ends_well()
    {
        var log = new List<string>();
        Run(() => CancelScope.RunAsync(async scope =>
        {
            await TaskGroup.RunAsync(group =>
            {
                group.Spawn(() =>
                {
                    log.Add("child");
                    return Task.CompletedTask;
                });
                scope.Cancel();
                return Task.CompletedTask;
            });
            log.Add("behind the group");
        }));
        Assert.Equal(["child", "behind the group"], log);
    }

    [Fact]
    public void A_result_wins_over_a_cancellation_in_the_same_turn()
    {
        int got = 0;
        Run(() => CancelScope.RunAsync(async scope =>
        {
            var future = new Future<int>();
            EventLoop.Current.Post(() =>
            {
                future.SetResult(1);
                scope.Cancel();
            });
            got = await future;
            await Coroutine.YieldAsync();
            got = 0;
        }));
        Assert.Equal(1, got);
    }

    [Fact]
    public void A_failure_reaches_who_awaits_the_child_and_the_group()
    {
        var failure = new IOException();
        Exception? awaited = null;
        Exception? left = null;
        Run(async () => left = await Assert.ThrowsAsync<IOException>(() => TaskGroup.RunAsync(async group =>
        {
            Coroutine child = group.Spawn(() => throw failure);
            awaited = await Assert.ThrowsAsync<IOException>(async () => await child);
        })));
        Assert.Same(failure, awaited);
        Assert.Same(failure, left);
    }

    [Fact]
    public void A_failure_names_the_generators_that_it_passed()
    {
        var inner = Generator.Create<int, int, int>(static async g => await g.Yield(1), "inner");
        var outer = Generator.Create<int, int, int>(async g => await g.YieldFrom(inner), "outer");
        outer.Next();
        Assert.Contains("delegates to inner", Assert.Throws<InvalidOperationException>(() => inner.Next()).Message, StringComparison.Ordinal);
        var failure = Assert.Throws<IOException>(() => outer.Throw(new IOException()));
        Assert.Equal("inner ← outer", failure.Data[Generator.TraceKey]);
    }

    [Fact]
    public void An_iterator_that_waits_is_refused_without_a_loop_and_cancelled_frame_by_frame_on_one()
    {
        var log = new List<string>();
        Assert.Contains("needs a loop", Assert.Throws<InvalidOperationException>(() => Trampoline.Run(Inner())).Message, StringComparison.Ordinal);
        Run(() => CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(1), _ => Iterator.RunAsync(Outer())));
        Assert.Equal(["finally", "finally", "OperationCanceledException"], log);

        IEnumerable<Yieldable> Outer()
        {
            IteratorCall call = Iterator.Call(Inner());
            yield return call;
            log.Add(call.Failure!.GetType().Name);
            call.ThrowIfFailed();
        }

        IEnumerable<Yieldable> Inner()
        {
            try
            {
                yield return Iterator.Operation(static () => Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
            }
            finally
            {
                log.Add("finally");
            }
        }
    }

    [Fact]
    public void An_iterator_without_its_value_and_one_with_an_unseen_failure_have_failed()
    {
        Assert.Contains("Iterator.Return", Assert.Throws<InvalidOperationException>(() => Trampoline.Run<int>([])).Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => Trampoline.Run(Blind()));

        static IEnumerable<Yieldable> Blind()
        {
            yield return Iterator.Call(Break());
        }

        static IEnumerable<Yieldable> Break()
        {
            yield return Iterator.Call([]);
            throw new IOException();
        }
    }

    private static async Task Forever() => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);

    private static void Run(Func<Task> body) => Bounded.Run(body);
}
