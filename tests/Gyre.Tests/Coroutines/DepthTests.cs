using Gyre.Diagnostics;
using Gyre.Promises;

namespace Gyre.Tests;

/// <summary>
/// Scopes, spawns and chains of futures nest deeper than a thread's stack is. One of these that fails takes the whole process of
/// the tests with it: .NET can't go on after a stack overflow.
/// </summary>
public sealed class DepthTests
{
    private const int Depth = 100_000;

    [Fact]
    public void Combinations_of_combinations_settle_without_the_stack() => OnLoop.Run(static async () =>
    {
        var innermost = new Future<int>();
        Waitable whole = innermost;
        for (int i = 0; i < Depth; i++)
        {
            whole = Future.All([whole]);
        }

        innermost.SetResult(1);
        await whole;
    });

    [Fact]
    public void A_failure_passes_combinations_of_combinations_and_is_told_once() => OnLoop.Run(static async () =>
    {
        var thrown = new InvalidTimeZoneException();
        var innermost = new Future<int>();
        Future<int> whole = innermost;
        for (int i = 0; i < Depth; i++)
        {
            whole = Future.Race([whole]);
        }

        innermost.SetException(thrown);
        Assert.Same(thrown, await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await whole));
    });

    [Fact]
    public void Cancelling_the_losers_of_losers_reaches_the_innermost() => OnLoop.Run(static async () =>
    {
        var innermost = new Future<int>();
        Future<int> whole = innermost;
        for (int i = 0; i < Depth; i++)
        {
            whole = Future.Race([whole], Losers.Cancel);
        }

        Assert.True(whole.Cancel());
        await OnLoop.UntilAsync(() => innermost.IsDone);
        Assert.Equal(FutureState.Cancelled, innermost.State);
    });

    [Fact]
    public void Handlers_that_return_the_future_of_the_next_handler_need_no_stack() => OnLoop.Run(static async () =>
    {
        Assert.Equal("the end", await Count(Depth));

        static Future<string> Count(int left)
        {
            var next = new Future<int>();
            next.SetResult(left - 1);
            return next.Then(Future<string> (int left) =>
            {
                if (left > 0)
                {
                    return Count(left);
                }

                var end = new Future<string>();
                end.SetResult("the end");
                return end;
            });
        }
    });

    [Fact]
    public void Cancellation_reaches_the_innermost_of_nested_scopes() => OnLoop.Run(static async () =>
    {
        bool wasCancelled = false;
        await CancelScope.RunAsync(scope => NestAsync(Depth, scope));
        Assert.True(wasCancelled);

        async Task NestAsync(int depth, CancelScope outermost)
        {
            await Coroutine.YieldAsync();
            if (depth > 0)
            {
                await CancelScope.RunAsync(_ => NestAsync(depth - 1, outermost));
                return;
            }

            // Caught here: .NET needs minutes to take an exception through so many async methods.
            EventLoop.Current.Post(() => outermost.Cancel());
            wasCancelled = await Record.ExceptionAsync(static async () => await new Future()) is OperationCanceledException;
        }
    });

    [Fact]
    public void Spawns_within_spawns_are_cancelled_as_one_and_their_waits_can_be_told() => OnLoop.Run(static async () =>
    {
        int ended = 0;
        int told = 0;
        await CancelScope.RunAsync(scope => NestAsync(Depth, scope));
        Assert.Equal(Depth, ended);
        Assert.True(told >= Depth, $"Of {Depth} waits {told} were told.");

        async Task NestAsync(int depth, CancelScope outermost)
        {
            if (depth == 0)
            {
                told = EventLoop.Current.Snapshot().All().Sum(static scope => scope.Waits.Count);
                outermost.Cancel();
                return;
            }

            // Caught at once: an exception on its way through so many groups would take long.
            await TaskGroup.RunAsync(async group =>
            {
                group.Spawn(() => NestAsync(depth - 1, outermost));
                await Assert.ThrowsAnyAsync<OperationCanceledException>(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
                ended++;
            });
        }
    });

    [Fact]
    public void Leftovers_within_leftovers_are_named()
    {
        var never = new TaskCompletionSource();
        var failure = OnLoop.Throws<TimeoutException>(
            async () =>
            {
                EventLoop.Current.Spawn(() => NestAsync(Depth));
                await OnLoop.TurnsAsync(Depth + 5);
            },
            OnLoop.Options with { ShutdownGrace = TimeSpan.FromMilliseconds(20) });
        Assert.Equal(Depth + 1, failure.Message.Split("; ").Length);

        async Task NestAsync(int left)
        {
            if (left == 0)
            {
                await never.Task;
                return;
            }

            await TaskGroup.RunAsync(group =>
            {
                group.Spawn(() => NestAsync(left - 1));
                return Task.CompletedTask;
            });
        }
    }

    [Fact]
    public void A_flow_left_behind_in_nested_scopes_goes_on_and_is_still_reached_by_cancellation() => OnLoop.Run(static async () =>
    {
        var future = new Future();
        Task left = Task.CompletedTask;
        CancelScope around = await CancelScope.RunAsync(async scope =>
        {
            await NestAsync(Depth);
            await OnLoop.TurnsAsync(3);
            future.SetResult();
            await OnLoop.TurnsAsync(3);
            Assert.False(left.IsCompleted);
            scope.Cancel();
            await Coroutine.YieldAsync();
        });
        Assert.True(around.CancelledCaught);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);

        async Task NestAsync(int depth)
        {
            await Coroutine.YieldAsync();
            if (depth > 0)
            {
                await CancelScope.RunAsync(_ => NestAsync(depth - 1));
            }
            else
            {
                left = WaitTwiceAsync();
            }
        }

        async Task WaitTwiceAsync()
        {
            await future;
            await new Future();
        }
    });

    [Fact]
    public void The_text_of_a_deep_tree_does_not_grow_with_the_square_of_its_depth() => OnLoop.Run(static async () =>
    {
        const int depth = 5000;
        string text = "";
        await NestAsync(depth);
        Assert.InRange(text.Split('\n').Length, depth, depth + 5);
        Assert.InRange(text.Length, depth, depth * 200);
        Assert.Contains($"[{depth}] scope", text, StringComparison.Ordinal);

        async Task NestAsync(int left)
        {
            await Coroutine.YieldAsync();
            if (left > 0)
            {
                await CancelScope.RunAsync(_ => NestAsync(left - 1));
                return;
            }

            ScopeSnapshot snapshot = EventLoop.Current.Snapshot();
            text = snapshot.ToString();
        }
    });
}
