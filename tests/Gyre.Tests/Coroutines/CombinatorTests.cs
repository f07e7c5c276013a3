using System.Globalization;

namespace Gyre.Tests;

/// <summary>One future of many: what it comes to.</summary>
public sealed class CombinatorTests
{
    [Fact]
    public void All_gives_the_values_in_the_order_of_the_futures() => OnLoop.Run(static async () =>
    {
        Future<int>[] parts = [new(), new(), new()];
        Future<int[]> all = Future.All(parts);
        parts[2].SetResult(2);
        parts[0].SetResult(0);
        Assert.False(all.IsDone);
        parts[1].SetResult(1);
        Assert.Equal((int[])[0, 1, 2], await all);
    });

    [Fact]
    public void All_waits_for_futures_of_any_type_and_for_coroutines() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        var number = new Future<int>();
        var text = new Future<string>();
        Coroutine child = group.Spawn(static () => Task.CompletedTask);
        Future all = Future.All([number, text, child]);
        number.SetResult(1);
        await OnLoop.TurnsAsync(3);
        Assert.True(child.IsDone);
        Assert.False(all.IsDone);
        text.SetResult("");
        await all;
    }));

    [Fact]
    public void All_by_key_gives_each_value_under_its_own() => OnLoop.Run(static async () =>
    {
        var parts = new Dictionary<string, Future<int>> { ["one"] = new(), ["two"] = new() };
        Future<IReadOnlyDictionary<string, int>> all = Future.All(parts);
        parts["two"].SetResult(2);
        Assert.False(all.IsDone);
        parts["one"].SetResult(1);
        IReadOnlyDictionary<string, int> values = await all;
        Assert.Equal(2, values.Count);
        Assert.Equal(1, values["one"]);
        Assert.Equal(2, values["two"]);
    });

    [Fact]
    public void All_fails_with_the_first_failure_and_leaves_a_later_one_to_its_scope() => OnLoop.Run(static async () =>
    {
        foreach (Func<Future<int>[], Waitable> combine in AllKinds)
        {
            var first = new InvalidTimeZoneException();
            var second = new NotSupportedException();
            Assert.Same(second, await Assert.ThrowsAsync<NotSupportedException>(() => CancelScope.RunAsync(async _ =>
            {
                Future<int>[] parts = [new(), new(), new()];
                Waitable all = combine(parts);
                parts[1].SetException(first);
                parts[0].SetException(second);
                Assert.Equal(FutureState.Failed, all.State);
                Assert.Same(first, await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await all));
                Assert.False(parts[2].IsDone);
            })));
        }
    });

    [Fact]
    public void The_cancellation_of_a_part_is_that_of_the_whole() => OnLoop.Run(static async () =>
    {
        foreach (Func<Future<int>[], Waitable> combine in (Func<Future<int>[], Waitable>[])[.. AllKinds, static parts => Future.Race(parts)])
        {
            Future<int>[] parts = [new("the part"), new()];
            Waitable whole = combine(parts);
            parts[0].Cancel("changed");
            Assert.Equal(FutureState.Cancelled, whole.State);
            var cancellation = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await whole);
            Assert.Contains("the part was cancelled: changed", cancellation.Message, StringComparison.Ordinal);
            Assert.False(parts[1].IsDone);
        }
    });

    [Fact]
    public void All_of_none_is_empty_at_once() => OnLoop.Run(static () =>
    {
        Assert.Empty(Future.All(Array.Empty<Future<int>>()).Result);
        Assert.Equal(FutureState.Succeeded, Future.All(Array.Empty<Waitable>()).State);
        Assert.Empty(Future.All(new Dictionary<string, Future<int>>()).Result);
        Assert.Empty(Future.AllSettled(Array.Empty<Future<int>>()).Result);
        return Task.CompletedTask;
    });

    [Fact]
    public void Any_and_race_of_none_do_not_wait_for_ever() => OnLoop.Run(static () =>
    {
        Assert.IsType<AggregateException>(Future.Any(Array.Empty<Future<int>>()).Failure);
        string message = Assert.Throws<ArgumentException>(static () => Future.Race(Array.Empty<Future<int>>())).Message;
        Assert.Contains("at least one", message, StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    [Fact]
    public void AllSettled_tells_how_each_ended_and_never_fails() => OnLoop.Run(static async () =>
    {
        Future<int>[] parts = [new(), new(), new("the part")];
        Future<FutureOutcome<int>[]> all = Future.AllSettled(parts);
        var thrown = new InvalidTimeZoneException();
        parts[1].SetException(thrown);
        parts[2].Cancel("changed");
        Assert.False(all.IsDone);
        parts[0].SetResult(4);
        FutureOutcome<int>[] outcomes = await all;
        Assert.Equal([FutureState.Succeeded, FutureState.Failed, FutureState.Cancelled], outcomes.Select(static outcome => outcome.State));
        Assert.Equal(4, outcomes[0].Unwrap());
        Assert.Null(outcomes[0].Thrown);
        Assert.Same(thrown, Assert.Throws<InvalidTimeZoneException>(() => outcomes[1].Unwrap()));
        Assert.Equal(0, outcomes[1].Value);
        Assert.Throws<OperationCanceledException>(() => outcomes[2].Unwrap());
    });

    [Fact]
    public void An_outcome_throws_its_failure_with_the_trace_of_its_origin() => OnLoop.Run(static async () =>
    {
        var part = new Future<int>();
        try
        {
            Fail();
        }
        catch (InvalidTimeZoneException failure)
        {
            part.SetException(failure);
        }

        FutureOutcome<int>[] outcomes = await Future.AllSettled([part]);
        string? trace = Assert.Throws<InvalidTimeZoneException>(() => outcomes[0].Unwrap()).StackTrace;
        Assert.Contains(nameof(Fail), trace, StringComparison.Ordinal);

        static void Fail() => throw new InvalidTimeZoneException();
    });

    [Fact]
    public void Any_is_the_first_value_whatever_failed_before() => OnLoop.Run(static async () =>
    {
        Future<int>[] parts = [new(), new(), new()];
        Future<int> any = Future.Any(parts);
        parts[0].SetException(new InvalidTimeZoneException());
        parts[2].Cancel();
        Assert.False(any.IsDone);
        parts[1].SetResult(6);
        Assert.Equal(6, await any);
    });

    [Fact]
    public void Any_fails_with_all_when_none_succeeds_in_the_order_of_the_futures() => OnLoop.Run(static async () =>
    {
        Future<int>[] parts = [new(), new(), new()];
        Future<int> any = Future.Any(parts);
        var first = new InvalidTimeZoneException();
        var last = new NotSupportedException();
        parts[2].SetException(last);
        parts[1].Cancel();
        parts[0].SetException(first);
        var failure = await Assert.ThrowsAsync<AggregateException>(async () => await any);
        Assert.Equal(3, failure.InnerExceptions.Count);
        Assert.Same(first, failure.InnerExceptions[0]);
        Assert.IsType<OperationCanceledException>(failure.InnerExceptions[1]);
        Assert.Same(last, failure.InnerExceptions[2]);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Race_settles_as_the_first_does(int winner) => OnLoop.Run(async () =>
    {
        Future<int>[] parts = [new(), new()];
        Future<int> won = Future.Race(parts);
        parts[winner].SetResult(winner);
        parts[1 - winner].SetResult(-1);
        Assert.Equal(winner, await won);

        parts = [new(), new()];
        Future<int> lost = Future.Race(parts);
        var thrown = new InvalidTimeZoneException();
        parts[winner].SetException(thrown);
        parts[1 - winner].SetResult(-1);
        Assert.Same(thrown, await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await lost));
    });

    [Fact]
    public void Of_parts_that_have_settled_the_first_of_the_list_counts() => OnLoop.Run(static async () =>
    {
        Assert.Equal(1, await Future.Race([Done(1), Done(2)]));
        Assert.Equal(1, await Future.Any([Done(1), Done(2)]));
        Assert.Equal((int[])[1, 2], await Future.All([Done(1), Done(2)]));
        var pending = new Future<int>();
        Assert.Equal(2, await Future.Any([pending, Done(2), Done(3)]));
        Assert.Equal(2, await Future.Race([pending, Done(2), Done(3)]));
        var failed = new Future<int>();
        failed.SetException(new InvalidTimeZoneException());
        Future<int[]> all = Future.All([pending, failed]);
        Assert.Equal(FutureState.Failed, all.State);
        Assert.IsType<InvalidTimeZoneException>(all.Failure);
    });

    [Fact]
    public void The_same_future_may_take_part_twice() => OnLoop.Run(static async () =>
    {
        var part = new Future<int>();
        Future<int[]> all = Future.All([part, part]);
        Future<FutureOutcome<int>[]> settled = Future.AllSettled([part, part]);
        Future<int> any = Future.Any([part, part], Losers.Cancel);
        Future<int> race = Future.Race([part, part], Losers.Cancel);
        var count = new List<int>();
        IAsyncEnumerable<Future<int>> order = Future.AsCompleted([part, part]);
        part.SetResult(3);
        Assert.Equal((int[])[3, 3], await all);
        Assert.Equal((int[])[3, 3], (await settled).Select(static outcome => outcome.Value));
        Assert.Equal(3, await any);
        Assert.Equal(3, await race);
        await foreach (Future<int> next in order)
        {
            count.Add(next.Result);
        }

        Assert.Equal([3, 3], count);
    });

    [Fact]
    public void Cancelling_the_whole_leaves_the_parts_alone_or_cancels_them_by_choice() => OnLoop.Run(static () =>
    {
        foreach (Losers losers in Enum.GetValues<Losers>())
        {
            Func<Future<int>[], Waitable>[] kinds =
            [
                parts => Future.All(parts, losers), parts => Future.All((Waitable[])parts, losers),
                parts => Future.All(Keyed(parts), losers), parts => Future.Any(parts, losers), parts => Future.Race(parts, losers),
            ];
            foreach (Func<Future<int>[], Waitable> combine in kinds)
            {
                Future<int>[] parts = [new(), new()];
                Waitable whole = combine(parts);
                Assert.True(whole.Cancel("changed"));
                Assert.Equal(FutureState.Cancelled, whole.State);
                Assert.All(parts, part => Assert.Equal(losers == Losers.Cancel ? FutureState.Cancelled : FutureState.Pending, part.State));
                Assert.False(whole.Cancel());
            }
        }

        Future<int>[] observed = [new(), new()];
        Assert.True(Future.AllSettled(observed).Cancel());
        Assert.All(observed, static part => Assert.False(part.IsDone));
        return Task.CompletedTask;
    });

    [Theory]
    [InlineData(Losers.LeaveAlone)]
    [InlineData(Losers.Cancel)]
    public void Losers_are_left_alone_or_cancelled_by_choice(Losers losers) => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        FutureState expected = losers == Losers.Cancel ? FutureState.Cancelled : FutureState.Pending;
        Future<int>[] parts = [new(), new(), new()];
        Future<int> race = Future.Race(parts, losers);
        parts[1].SetResult(1);
        Assert.Equal(1, race.Result);
        Assert.Equal([expected, FutureState.Succeeded, expected], parts.Select(static part => part.State));

        parts = [new(), new(), new()];
        Future<int> any = Future.Any(parts, losers);
        parts[0].SetException(new InvalidTimeZoneException());
        parts[1].SetResult(1);
        Assert.Equal(1, any.Result);
        Assert.Equal([FutureState.Failed, FutureState.Succeeded, expected], parts.Select(static part => part.State));

        parts = [new(), new(), new()];
        Future<int[]> all = Future.All(parts, losers);
        parts[0].SetResult(1);
        parts[1].SetException(new InvalidTimeZoneException());
        Assert.IsType<InvalidTimeZoneException>(all.Failure);
        Assert.Equal([FutureState.Succeeded, FutureState.Failed, expected], parts.Select(static part => part.State));

        Coroutine<int> loser = group.Spawn(static async () =>
        {
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            return 1;
        });
        Future<int> winner = Done(2);
        Assert.Equal(2, await Future.Race([loser, winner], losers));
        await OnLoop.TurnsAsync(4);
        Assert.Equal(losers == Losers.Cancel, loser.IsDone);
        loser.Cancel();
    }));

    [Fact]
    public void A_cancelled_waiter_of_the_whole_leaves_it_alone() => OnLoop.Run(static async () =>
    {
        Future<int>[] parts = [new(), new()];
        Future<int[]> all = Future.All(parts, Losers.Cancel);
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            EventLoop.Current.Post(() => scope.Cancel());
            await all;
        });
        Assert.True(scope.CancelledCaught);
        Assert.All(parts, static part => Assert.False(part.IsDone));
        parts[0].SetResult(1);
        parts[1].SetResult(2);
        Assert.Equal((int[])[1, 2], await all);
    });

    [Fact]
    public void Nobody_but_its_parts_settles_the_whole() => OnLoop.Run(static () =>
    {
        Future<int>[] parts = [new(), new()];
        Future<int> race = Future.Race(parts);
        Future all = Future.All((Waitable[])parts);
        foreach (Action settle in (Action[])[() => race.SetResult(1), () => race.TrySetException(new InvalidTimeZoneException()), () => all.TrySetResult()])
        {
            Assert.Contains("settles as its parts do", Assert.Throws<InvalidOperationException>(settle).Message, StringComparison.Ordinal);
        }

        Assert.False(race.IsDone || all.IsDone);
        return Task.CompletedTask;
    });

    [Fact]
    public void Futures_of_another_loop_are_refused_by_name() => OnLoop.Run(static async () =>
    {
        Future<int>? foreign = null;
        string loop = "";
        await Task.Run(
            () => OnLoop.Run(() =>
            {
                foreign = new Future<int>("the stranger");
                loop = EventLoop.Current.Name;
                return Task.CompletedTask;
            }),
            TestContext.Current.CancellationToken);
        var own = new Future<int>();
        Future<int>[] parts = [own, foreign!];
        Action[] uses =
        [
            () => Future.All(parts), () => Future.All((Waitable[])parts), () => Future.All(Keyed(parts)), () => Future.AllSettled(parts),
            () => Future.Any(parts), () => Future.Race(parts), () => Future.AsCompleted(parts),
        ];
        foreach (Action use in uses)
        {
            string message = Assert.Throws<InvalidOperationException>(use).Message;
            Assert.Contains("the stranger", message, StringComparison.Ordinal);
            Assert.Contains($"'{loop}'", message, StringComparison.Ordinal);
        }

        own.SetResult(1);
        Assert.Throws<ArgumentNullException>(static () => Future.All((Future<int>[])[null!]));
    });

    private static Func<Future<int>[], Waitable>[] AllKinds =>
        [static parts => Future.All(parts), static parts => Future.All((Waitable[])parts), static parts => Future.All(Keyed(parts))];

    private static Dictionary<string, Future<int>> Keyed(Future<int>[] parts) =>
        Enumerable.Range(0, parts.Length).ToDictionary(static i => i.ToString(CultureInfo.InvariantCulture), i => parts[i]);

    private static Future<int> Done(int value)
    {
        var future = new Future<int>();
        future.SetResult(value);
        return future;
    }

    [Fact]
    public void All_by_key_compares_keys_as_the_dictionary_does() => OnLoop.Run(static async () =>
    {
        var parts = new Dictionary<string, Future<int>>(StringComparer.OrdinalIgnoreCase) { ["one"] = new() };
        Future<IReadOnlyDictionary<string, int>> whole = Future.All(parts);
        parts["one"].SetResult(1);
        Assert.Equal(1, (await whole)["ONE"]);

        // Two strings that equal each other, told apart by a comparer that a plain dictionary doesn't know of.
        var apart = new Dictionary<object, Future<int>>(ReferenceEqualityComparer.Instance) { [new string('x', 2)] = new(), [new string('x', 2)] = new() };
        Future<IReadOnlyDictionary<object, int>> both = Future.All(apart);
        foreach (Future<int> part in apart.Values)
        {
            part.SetResult(2);
        }

        Assert.Equal([2, 2], (await both).Values);
    });
}
