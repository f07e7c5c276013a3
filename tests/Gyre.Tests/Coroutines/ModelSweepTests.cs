using Gyre.Diagnostics;
using Gyre.Generators;
using Gyre.Promises;

namespace Gyre.Tests;

/// <summary>
/// A scenario of all styles at once (groups, scopes, deadlines, shields, futures, combinators, iterators, promises), cancelled
/// after every number of turns that it takes, at each of its three levels. Wherever that strikes, every resource that was
/// opened is closed, every coroutine has ended, and no wait or timer is left.
/// </summary>
public sealed class ModelSweepTests
{
    /// <summary>More turns than the scenario takes; the sweep ends earlier, at the first that isn't cut short.</summary>
    private const int TurnsMax = 1000;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Cancelled_after_any_number_of_turns_nothing_is_left(int level) => OnLoop.Run(async () =>
    {
        int cutShort = 0;
        for (int turns = 0; turns < TurnsMax; turns++)
        {
            var scenario = new Scenario();
            await scenario.RunAsync(level, turns);
            VerifyNothingIsLeft(scenario, $"level {level}, turn {turns}");
            if (scenario.EndedWhole)
            {
                break;
            }

            cutShort++;
        }

        Assert.InRange(cutShort, 5, TurnsMax - 1);
    });

    private static void VerifyNothingIsLeft(Scenario scenario, string when)
    {
        EventLoop loop = EventLoop.Current;
        ScopeSnapshot snapshot = loop.Snapshot();
        Assert.True(snapshot.All().Count() == 2, $"{when}: {snapshot}");
        Assert.True(snapshot.All().All(static scope => scope.Waits.Count == 0), $"{when}: {snapshot}");
        Assert.True(loop.Statistics.TimersPending == 0, $"{when}: {loop.Statistics.TimersPending} timers are left.");
        Assert.True(scenario.Open == 0, $"{when}: {scenario.Open} resources are left open.");
        Assert.True(scenario.Opened >= scenario.Closed, when);
    }

    /// <summary>One run; its resources count themselves.</summary>
    private sealed class Scenario
    {
        public int Opened { get; private set; }

        public int Closed { get; private set; }

        public int Open => Opened - Closed;

        public bool EndedWhole { get; private set; }

        public async Task RunAsync(int level, int turns)
        {
            var levels = new CancelScope?[3];
            using var whole = new CancellationTokenSource();
            await TaskGroup.RunAsync(async outermost =>
            {
                Coroutine canceller = outermost.Spawn(async () =>
                {
                    await OnLoop.TurnsAsync(turns);
                    levels[level]?.Cancel($"turn {turns}");
                });
                CancelScope scope = await CancelScope.RunAsync(async outer =>
                {
                    levels[0] = outer;
                    await CancelScope.RunAsync(middle =>
                    {
                        levels[1] = middle;
                        return WorkAsync(levels);
                    });
                });
                EndedWhole = !canceller.IsDone;
                canceller.Cancel();
            });
        }

        private Task WorkAsync(CancelScope?[] levels) => TaskGroup.RunAsync(async group =>
        {
            var handedOver = new Future<int>("the hand-over");
            group.Spawn(() => UseAsync(async () => handedOver.TrySetResult(await group.StartAsync<int>(ServeAsync))));
            group.Spawn(Iterate(3));
            await CancelScope.RunAsync(async inner =>
            {
                levels[2] = inner;
                await UseAsync(async () =>
                {
                    Coroutine<int>[] parts = [.. Enumerable.Range(0, 3).Select(number => group.Spawn(() => CountAsync(number)))];
                    int[] counted = await Future.All(parts);
                    Assert.Equal([0, 1, 2], counted);
                });
                await Assert.ThrowsAnyAsync<Exception>(() => CancelScope.FailAfterAsync(TimeSpan.FromTicks(1), static async _ =>
                    await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan)));
                await CleanUpBehindAShieldAsync();
                int next = await handedOver.Then(static value => value + 1).Finally(static () => { });
                Assert.Equal(8, next);
            });
            group.Cancel("done");
        });

        private async Task ServeAsync(Future<int> ready)
        {
            await UseAsync(static async () => await Coroutine.YieldAsync());
            ready.SetResult(7);
            await UseAsync(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
        }

        private async Task<int> CountAsync(int number)
        {
            int counted = 0;
            await UseAsync(async () =>
            {
                for (; counted < number; counted++)
                {
                    await Coroutine.YieldAsync();
                }
            });
            return counted;
        }

        private IEnumerable<Yieldable> Iterate(int depth)
        {
            Opened++;
            try
            {
                yield return Iterator.Operation(static () => Coroutine.YieldAsync());
                if (depth > 0)
                {
                    yield return Iterator.Call(Iterate(depth - 1));
                }
            }
            finally
            {
                Closed++;
            }
        }

        private async Task CleanUpBehindAShieldAsync()
        {
            try
            {
                await UseAsync(static async () => await Coroutine.YieldAsync());
            }
            finally
            {
                await CancelScope.RunAsync(async shielded =>
                {
                    shielded.Shield = true;
                    await UseAsync(static async () => await Coroutine.YieldAsync());
                });
            }
        }

        private async Task UseAsync(Func<Task> work)
        {
            Opened++;
            try
            {
                await work();
            }
            finally
            {
                Closed++;
            }
        }
    }
}
