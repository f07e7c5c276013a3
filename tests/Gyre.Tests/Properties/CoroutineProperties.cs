using CsCheck;

namespace Gyre.Tests;

/// <summary>
/// Random programs of futures, coroutines, joins, groups, scopes, deadlines, shields, combinators, iterators and cancellations,
/// checked at each step against what a plain tree of scopes says. They count turns, never time: a deadline is moved into the past
/// when it is to pass. A failure prints its seed and the program; set <c>CsCheck_Seed</c> to see it again.
/// </summary>
/// <remarks>
/// A body that was spawned runs once and ends before its group does. A wait ends with a cancellation exactly when its scope was
/// cancelled before the future settled, else with what the future settled with. Each failure is told once: to whoever awaited
/// the future, or by the outermost group; once more at the most, when a callback looks after the group has told it. Futures
/// that a program never settles are settled once it stands still, and whoever joins in a circle then is cancelled.
/// </remarks>
public sealed partial class CoroutineProperties
{
    private static readonly Gen<Step[]> s_programs = Steps(3);

    [Fact]
    public void No_body_wait_value_failure_or_cancellation_is_lost() => s_programs.Sample(
        static steps => { OnLoop.Run(() => new Run().AllAsync(steps)); }, iter: 400, threads: 1, print: static steps => string.Join("\n", (object[])steps));

    private static Gen<Step[]> Steps(int depth)
    {
        Gen<Step> leaf = Gen.Select(
            Gen.Frequency(
                (4, Gen.Const(Kind.Turn)), (4, Gen.Const(Kind.Await)), (2, Gen.Const(Kind.Set)), (1, Gen.Const(Kind.Fail)),
                (1, Gen.Const(Kind.Callback)), (1, Gen.Const(Kind.CancelScope)), (1, Gen.Const(Kind.CancelCoroutine)), (1, Gen.Const(Kind.Throw)),
                (2, Gen.Const(Kind.Join)), (2, Gen.Const(Kind.Combine)), (1, Gen.Const(Kind.Expire))),
            Gen.Int[0, 60],
            static (kind, value) => new Step(kind, value, []));
        if (depth == 0)
        {
            return leaf.Array[0, 5];
        }

        Gen<Step> nested = Gen.Select(
            Gen.Frequency((2, Gen.Const(Kind.Group)), (1, Gen.Const(Kind.Scope)), (1, Gen.Const(Kind.Shield)), (1, Gen.Const(Kind.Swallow)),
                (1, Gen.Const(Kind.Deadline)), (2, Gen.Const(Kind.Gather)), (1, Gen.Const(Kind.Iterate))),
            Gen.Int[0, 60],
            Steps(depth - 1).Array[1, 4],
            static (kind, value, bodies) => new Step(kind, value, bodies));
        return Gen.Frequency((3, leaf), (2, nested)).Array[0, 5];
    }

    private enum Kind
    {
        Turn,
        Await,
        Set,
        Fail,
        Callback,
        CancelScope,
        CancelCoroutine,
        Throw,
        Group,
        Scope,
        Shield,
        Swallow,
        Join,
        Combine,
        Expire,
        Deadline,
        Gather,
        Iterate,
    }

    private sealed record Step(Kind Kind, int Value, Step[][] Bodies)
    {
        public override string ToString() => $"{Kind} {Value}{string.Concat(Bodies.Select(static body => $" {{ {string.Join("; ", (object[])body)} }}"))}";
    }

    /// <summary>A scope, group or coroutine; the real ones are asked for what was asked of themselves alone.</summary>
    private sealed class Level(Level? around, Func<bool> isRequested, Action cancel, bool isShield = false)
    {
        public Level? Around => around;

        public Action Cancel => cancel;

        /// <summary>Moves its deadline into the past; null when it has none.</summary>
        public Action? Expire { get; init; }

        /// <summary>Whether its deadline has passed, so that it is cancelled a turn later at the latest.</summary>
        public bool IsDue { get; set; }

        public bool IsAnyDue => IsDue || (!isShield && around is { IsAnyDue: true });

        public bool IsCancelled => isRequested() || (!isShield && around is { IsCancelled: true });
    }

    private sealed class Waiter(Level level)
    {
        public Level Level => level;

        /// <summary>Whether its scope was cancelled already when the future settled; null before that.</summary>
        public bool? WasCancelled { get; set; }
    }

    private sealed partial class Run
    {
        private readonly Future<int>[] _futures = new Future<int>[4];
        private readonly List<Waiter>[] _waiters = [[], [], [], []];
        private readonly List<(Waitable Coroutine, Action Cancel)> _coroutines = [];
        private readonly HashSet<Exception> _thrown = [];
        private readonly HashSet<Exception> _settledWith = [];
        private readonly HashSet<Exception> _seen = [];
        private readonly HashSet<Exception> _seenByCallbacks = [];
        private int _spawned;
        private int _begun;
        private int _ended;
        private int _callbacks;
        private int _calledBack;
        private int _progress;

        public async Task AllAsync(Step[] steps)
        {
            Exception? told = null;
            bool over = false;
            await TaskGroup.RunAsync(async outer =>
            {
                outer.Spawn(async () =>
                {
                    try
                    {
                        await TaskGroup.RunAsync(async group =>
                        {
                            for (int i = 0; i < _futures.Length; i++)
                            {
                                _futures[i] = new Future<int>($"future {i}");
                            }

                            await BodyAsync(steps, Known(new Level(null, () => group.IsCancelRequested, () => group.Cancel())));
                        });
                    }
#pragma warning disable CA1031 // Compared below with what was thrown.
                    catch (Exception failure)
#pragma warning restore CA1031
                    {
                        told = failure;
                    }

                    over = true;
                });
                await SettleWhenStillAsync(() => over);
            });
            for (int i = 0; i < _futures.Length; i++)
            {
                Settle(i, failure: null);
            }

            await OnLoop.TurnsAsync(5);
            Assert.Equal(_spawned, _begun);
            Assert.Equal(_spawned, _ended);
            Assert.Equal(_callbacks, _calledBack);
            Assert.Equal(0, _openIterators);
            Assert.Empty(_combinations);
            Assert.All(_waiters, static waiters => Assert.Empty(waiters));
            Assert.All(_coroutines, static each => Assert.True(each.Coroutine.IsDone));

            // A callback that was still to run when the group closed may have looked at what the group told by then.
            HashSet<Exception> reached = Reachable(told);
            Exception[] untold = [.. _settledWith.Except(_seen).Except(_seenByCallbacks)];
            Exception[] twice = [.. reached.Except(_thrown).Intersect(_seenByCallbacks)];
            Assert.Equal(Told(_thrown.Concat(untold).Concat(twice)), Told(reached));
        }

        private static string Told(IEnumerable<Exception> failures) =>
            string.Join(", ", failures.Select(static failure => failure.Message).Order(StringComparer.Ordinal));

        private static HashSet<Exception> Reachable(Exception? told)
        {
            var reached = new HashSet<Exception>();
            var next = new Stack<Exception>();
            if (told is not null)
            {
                next.Push(told);
            }

            while (next.TryPop(out Exception? each))
            {
                if (reached.Add(each))
                {
                    foreach (Exception further in TaskGroup.FurtherFailuresOf(each))
                    {
                        next.Push(further);
                    }
                }
            }

            return reached;
        }

        private async Task SettleWhenStillAsync(Func<bool> isOver)
        {
            int before = -1;
            for (int next = 0; !isOver();)
            {
                await OnLoop.TurnsAsync(20);
                if (before == _progress && next < _futures.Length)
                {
                    Settle(next++, failure: null);
                }
                else if (before == _progress)
                {
                    // Some wait for each other's end, maybe behind shields.
                    _levels.ToList().ForEach(static level => level.Cancel());
                }

                before = _progress;
            }
        }

        private async Task BodyAsync(Step[] steps, Level level)
        {
            foreach (Step step in steps)
            {
                _progress++;
                await StepAsync(step, level);
            }
        }

        private async Task StepAsync(Step step, Level level)
        {
            int chosen = step.Value % _futures.Length;
            switch (step.Kind)
            {
                case Kind.Turn:
                    bool cancelled = level.IsCancelled;
                    bool due = level.IsAnyDue;
                    Exception? end = await Record.ExceptionAsync(static async () => await Coroutine.YieldAsync());
                    Assert.True(!cancelled || end is OperationCanceledException, "A wait in a cancelled scope went on.");
                    Assert.True(end is null || level.IsCancelled, "A wait was cancelled in a scope that wasn't.");
                    Assert.True(!due || level.IsCancelled, "A deadline passed, and a turn later its scope wasn't cancelled.");
                    _ = end is null ? end : throw end;
                    break;
                case Kind.Await:
                    await AwaitAsync(chosen, level);
                    break;
                case Kind.Set:
                    Settle(chosen, failure: null);
                    break;
                case Kind.Fail:
                    Settle(chosen, new InvalidTimeZoneException($"failure {_settledWith.Count}"));
                    break;
                case Kind.Callback:
                    _callbacks++;
                    _futures[chosen].AddDoneCallback(settled =>
                    {
                        _calledBack++;
                        _seenByCallbacks.UnionWith(settled.Failure is { } failure ? [failure] : []);
                    });
                    break;
                case Kind.CancelScope:
                    Level around = level;
                    for (int up = step.Value % 4; up > 0 && around.Around is { } further; up--)
                    {
                        around = further;
                    }

                    around.Cancel();
                    break;
                case Kind.CancelCoroutine when _coroutines.Count > 0:
                    _coroutines[step.Value % _coroutines.Count].Cancel();
                    break;
                case Kind.Throw:
                    var thrown = new NotSupportedException($"thrown {_thrown.Count}");
                    _thrown.Add(thrown);
                    throw thrown;
                case Kind.Group:
                    await GroupAsync(step, level);
                    break;
                case Kind.Scope or Kind.Shield:
                    await CancelScope.RunAsync(scope =>
                    {
                        scope.Shield = step.Kind == Kind.Shield;
                        return BodyAsync(step.Bodies[0], Known(new Level(level, () => scope.IsCancelRequested, () => scope.Cancel(), scope.Shield)));
                    });
                    break;
                default:
                    await FurtherStepAsync(step, level);
                    break;
            }
        }

        private async Task GroupAsync(Step step, Level level)
        {
            int running = 0;
            try
            {
                await TaskGroup.RunAsync(group =>
                {
                    Level inGroup = Known(new Level(level, () => group.IsCancelRequested, () => group.Cancel()));
                    foreach (Step[] body in step.Bodies.Skip(1))
                    {
                        bool asked = false;
                        Coroutine? child = null;
                        Action cancel = () => asked |= child!.Cancel();
                        Level own = Known(new Level(inGroup, () => asked, cancel));
                        _spawned++;
                        running++;
                        child = group.Spawn(async () =>
                        {
                            _begun++;
                            try
                            {
                                await BodyAsync(body, own);
                            }
                            finally
                            {
                                _ended++;
                                running--;
                            }
                        });
                        _coroutines.Add((child, cancel));
                    }

                    return BodyAsync(step.Bodies[0], inGroup);
                });
            }
            finally
            {
                Assert.Equal(0, running);
            }
        }

        private async Task AwaitAsync(int chosen, Level level)
        {
            Future<int> future = _futures[chosen];
            var waiter = new Waiter(level) { WasCancelled = future.IsDone ? false : level.IsCancelled ? true : null };
            _waiters[chosen].Add(waiter);
            try
            {
                Assert.Equal(chosen, await future);
                Assert.False(waiter.WasCancelled, "A wait in a cancelled scope went on.");
            }
            catch (InvalidTimeZoneException failure)
            {
                Assert.False(waiter.WasCancelled, "A wait in a cancelled scope went on.");
                Assert.Contains(failure, _settledWith);
                _seen.Add(failure);
            }
            catch (OperationCanceledException)
            {
                Assert.True(level.IsCancelled, "A wait was cancelled in a scope that wasn't.");
                Assert.NotEqual(false, waiter.WasCancelled);
                throw;
            }
            finally
            {
                _waiters[chosen].Remove(waiter);
            }
        }

        private void Settle(int chosen, Exception? failure)
        {
            Future<int> future = _futures[chosen];
            if (failure is null ? !future.TrySetResult(chosen) : !future.TrySetException(failure))
            {
                return;
            }

            _progress++;
            if (failure is not null)
            {
                _settledWith.Add(failure);
            }

            foreach (Waiter waiter in _waiters[chosen])
            {
                waiter.WasCancelled ??= waiter.Level.IsCancelled;
            }

            foreach (Combination combination in _combinations)
            {
                combination.Look(_seen);
            }
        }
    }
}
