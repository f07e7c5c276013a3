using Gyre.Generators;

namespace Gyre.Tests;

/// <summary>Joins, combinators, deadlines and iterators.</summary>
public sealed partial class CoroutineProperties
{
    /// <summary>A future of several of the program's, with what the model says of it.</summary>
    private sealed class Combination(int kind, Future<int>[] parts, Waitable whole, Waiter waiter)
    {
        public bool IsSettled { get; private set; }

        /// <summary>Called whenever a future has settled.</summary>
        public void Look(HashSet<Exception> seen)
        {
            if (!IsSettled)
            {
                IsSettled = kind switch
                {
                    0 => parts.All(static part => part.IsDone) || parts.Any(static part => part.State == FutureState.Failed),
                    1 => parts.All(static part => part.IsDone) || parts.Any(static part => part.State == FutureState.Succeeded),
                    2 => parts.Any(static part => part.IsDone),
                    _ => parts.All(static part => part.IsDone),
                };
                Assert.Equal(IsSettled, whole.IsDone);
                if (IsSettled)
                {
                    waiter.WasCancelled ??= waiter.Level.IsCancelled;
                    seen.UnionWith(parts.Select(static part => part.Thrown).OfType<Exception>());
                }
            }
        }
    }

    private sealed partial class Run
    {
        private readonly List<Level> _levels = [];
        private readonly List<Combination> _combinations = [];
        private int _openIterators;

        private static Waitable Whole(int kind, Future<int>[] parts, Losers losers) => kind switch
        {
            0 => Future.All(parts, losers),
            1 => Future.Any(parts, losers),
            2 => Future.Race(parts, losers),
            _ => Future.AllSettled(parts),
        };

        private Level Known(Level level)
        {
            _levels.Add(level);
            return level;
        }

        private static async Task JoinAsync(Waitable target, Level level)
        {
            if ((target as Coroutine)?.Node == Coroutine.Current || (target as Coroutine<int>)?.Node == Coroutine.Current)
            {
                await Assert.ThrowsAsync<InvalidOperationException>(async () => await target);
                return;
            }

            bool mayNotWait = !target.IsDone && level.IsCancelled;
            try
            {
                await target;
                Assert.Equal(FutureState.Succeeded, target.State);
            }
            catch (OperationCanceledException) when (level.IsCancelled)
            {
                throw;
            }
            catch (OperationCanceledException)
            {
                // That of the other, who told nobody but those who join.
                Assert.Equal(FutureState.Cancelled, target.State);
            }
            catch (Exception failure) when (failure == target.Failure)
            {
                // The other's group tells it.
            }

            Assert.False(mayNotWait, "A join in a cancelled scope went on.");
        }

        private async Task FurtherStepAsync(Step step, Level level)
        {
            switch (step.Kind)
            {
                case Kind.Swallow:
                    try
                    {
                        await BodyAsync(step.Bodies[0], level);
                    }
                    catch (OperationCanceledException)
                    {
                        // The next wait throws it again.
                    }

                    break;
                case Kind.Join when _coroutines.Count > 0:
                    await JoinAsync(_coroutines[step.Value % _coroutines.Count].Coroutine, level);
                    break;
                case Kind.Combine:
                    await CombineAsync(step, level);
                    break;
                case Kind.Expire:
                    Expire(step.Value % 3, level);
                    break;
                case Kind.Deadline:
                    await DeadlineAsync(step, level);
                    break;
                case Kind.Gather:
                    await GatherAsync(step, level);
                    break;
                case Kind.Iterate:
                    await Iterator.RunAsync(Iterate(step.Bodies[0], level));
                    break;
            }
        }

        private async Task CombineAsync(Step step, Level level)
        {
            int kind = step.Value % 4;
            Future<int>[] parts = [_futures[step.Value % 3], _futures[step.Value / 4 % 4], _futures[step.Value / 9 % 4]];
            Waitable whole = Whole(kind, parts, Losers.LeaveAlone);
            var waiter = new Waiter(level) { WasCancelled = whole.IsDone ? false : level.IsCancelled ? true : null };
            var combination = new Combination(kind, parts, whole, waiter);
            _combinations.Add(combination);
            combination.Look(_seen);
            try
            {
                await whole;
                Assert.False(waiter.WasCancelled, "A wait in a cancelled scope went on.");
                Assert.Equal(FutureState.Succeeded, whole.State);
            }
            catch (InvalidTimeZoneException failure)
            {
                Assert.False(waiter.WasCancelled, "A wait in a cancelled scope went on.");
                Assert.True(kind is 0 or 2, "A combination failed with the failure of a part.");
                Assert.Contains(failure, parts.Select(static part => part.Thrown));
            }
            catch (AggregateException failures)
            {
                Assert.Equal(1, kind);
                Assert.Equal(parts.Select(static part => part.Thrown), failures.InnerExceptions);
            }
            catch (OperationCanceledException)
            {
                Assert.True(level.IsCancelled, "A wait was cancelled in a scope that wasn't.");
                Assert.NotEqual(false, waiter.WasCancelled);
                throw;
            }
            finally
            {
                _combinations.Remove(combination);
                GiveUp(whole);
            }
        }

        /// <summary>Whatever it came to, or would have come to, is nobody else's.</summary>
        private static void GiveUp(Waitable whole)
        {
            whole.Cancel();
            _ = whole.Failure;
        }

        private async Task GatherAsync(Step step, Level level)
        {
            int kind = step.Value % 4;
            Losers losers = step.Value / 4 % 2 == 0 ? Losers.Cancel : Losers.LeaveAlone;
            await TaskGroup.RunAsync(async group =>
            {
                Level inGroup = Known(new Level(level, () => group.IsCancelRequested, () => group.Cancel()));
                Coroutine<int>[] parts = [.. step.Bodies.Select((body, number) => SpawnPart(group, inGroup, body, number))];
                Waitable whole = Whole(kind, parts, losers);
                try
                {
                    await whole;
                }
                catch (OperationCanceledException) when (inGroup.IsCancelled)
                {
                    throw;
                }
                catch (OperationCanceledException)
                {
                    Assert.Equal(FutureState.Cancelled, whole.State);
                    Assert.Contains(parts, static part => part.State == FutureState.Cancelled);
                }
                catch (Exception failure) when (failure == whole.Failure)
                {
                    Assert.Contains(parts, static part => part.State is FutureState.Failed or FutureState.Cancelled);
                }
                finally
                {
                    GiveUp(whole);
                    if (losers == Losers.Cancel && kind != 3)
                    {
                        Assert.All(parts, static part => Assert.True(part.IsDone || part.Run.Context.IsCancelRequested, "A loser wasn't cancelled."));
                    }
                }

                VerifyOutcome(whole, parts);
            });
        }

        private Coroutine<int> SpawnPart(TaskGroup group, Level inGroup, Step[] body, int number)
        {
            Coroutine<int>? part = null;
            Action cancel = () => part!.Cancel();
            Level own = Known(new Level(inGroup, () => part!.Run.Context.IsCancelRequested, cancel));
            _spawned++;
            part = group.Spawn(async () =>
            {
                _begun++;
                try
                {
                    await BodyAsync(body, own);
                    return number;
                }
                finally
                {
                    _ended++;
                }
            });
            _coroutines.Add((part, cancel));
            return part;
        }

        private static void VerifyOutcome(Waitable whole, Coroutine<int>[] parts)
        {
            switch (whole)
            {
                case Future<int[]> { State: FutureState.Succeeded } all:
                    Assert.Equal(Enumerable.Range(0, parts.Length), all.Result);
                    break;
                case Future<int> { State: FutureState.Succeeded } one:
                    Assert.Equal(FutureState.Succeeded, parts[one.Result].State);
                    break;
                case Future<FutureOutcome<int>[]> { State: FutureState.Succeeded } outcomes:
                    Assert.Equal(parts.Select(static part => part.State), outcomes.Result.Select(static outcome => outcome.State));
                    break;
            }
        }

        private static void Expire(int up, Level level)
        {
            Level? with = level;
            for (; with is not null && (with.Expire is null || up-- > 0); with = with.Around)
            {
            }

            with?.Expire!();
        }

        private async Task DeadlineAsync(Step step, Level level)
        {
            bool fails = step.Value % 2 == 0;
            bool isDue = step.Value % 5 == 0;
            TimeSpan timeout = isDue ? TimeSpan.Zero : Timeout.InfiniteTimeSpan;
            CancelScope? entered = null;
            try
            {
                await (fails ? CancelScope.FailAfterAsync(timeout, EnterAsync) : CancelScope.MoveOnAfterAsync(timeout, EnterAsync));
            }
            catch (TimeoutException failure) when (_thrown.Add(failure))
            {
                Assert.True(fails && entered!.CancelledCaught, "A time-out was thrown by a scope that doesn't throw one.");
                Assert.Equal("the deadline passed", entered.Reason);
                throw;
            }

            Task EnterAsync(CancelScope scope)
            {
                entered = scope;
                Level? own = null;
                own = Known(new Level(level, () => scope.IsCancelRequested, () => scope.Cancel())
                {
                    IsDue = isDue,
                    Expire = () =>
                    {
                        own!.IsDue = true;
                        scope.Deadline = TimeSpan.Zero;
                    },
                });
                return BodyAsync(step.Bodies[0], own);
            }
        }

        private IEnumerable<Yieldable> Iterate(Step[] steps, Level level)
        {
            _openIterators++;
            try
            {
                foreach (Yieldable awaited in steps.SelectMany(step => IterateStep(step, level)))
                {
                    yield return awaited;
                }
            }
            finally
            {
                _openIterators--;
            }
        }

        private IEnumerable<Yieldable> IterateStep(Step step, Level level)
        {
            _progress++;
            if (step.Kind == Kind.Await)
            {
                int chosen = step.Value % _futures.Length;
                Future<int> future = _futures[chosen];
                var waiter = new Waiter(level) { WasCancelled = future.IsDone ? false : level.IsCancelled ? true : null };
                _waiters[chosen].Add(waiter);
                try
                {
                    yield return future;
                }
                finally
                {
                    _waiters[chosen].Remove(waiter);
                }

                TakeValue(future, chosen, waiter);
            }
            else if (step.Kind == Kind.Iterate)
            {
                IteratorCall call = Iterator.Call(Iterate(step.Bodies[0], level));
                yield return call;
                call.ThrowIfFailed();
            }
            else
            {
                IteratorOperation<bool> operation = Iterator.Operation(() => new ValueTask(StepAsync(step, level)));
                yield return operation;
                Assert.True(operation.Result);
            }
        }

        private void TakeValue(Future<int> future, int chosen, Waiter waiter)
        {
            Assert.False(waiter.WasCancelled, "A wait of an iterator in a cancelled scope went on.");
            try
            {
                Assert.Equal(chosen, future.Result);
            }
            catch (InvalidTimeZoneException failure)
            {
                Assert.Contains(failure, _settledWith);
                _seen.Add(failure);
            }
        }
    }
}
