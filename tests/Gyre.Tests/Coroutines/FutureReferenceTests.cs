using System.Runtime.CompilerServices;
using Gyre.Coroutines;
using Gyre.Promises;

namespace Gyre.Tests;

/// <summary>What a future, a waiter or a combinator keeps alive: nothing that it no longer needs.</summary>
public sealed class FutureReferenceTests
{
    private static readonly Func<Future<object>[], Losers, Waitable>[] s_kinds =
    [
        static (parts, losers) => Future.Any(parts, losers),
        static (parts, losers) => Future.Race(parts, losers),
    ];

    [Fact]
    public void A_combined_future_does_not_keep_its_losers() => OnLoop.Run(static async () =>
    {
        foreach (Func<Future<object>[], Losers, Waitable> combine in s_kinds)
        {
            foreach (Losers losers in Enum.GetValues<Losers>())
            {
                (Waitable whole, WeakReference loser) = Combine(combine, losers);
                await AssertCollectedAsync(loser);
                await whole;
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static (Waitable Whole, WeakReference Loser) Combine(Func<Future<object>[], Losers, Waitable> combine, Losers losers)
        {
            Future<object>[] parts = [new(), new()];
            Waitable whole = combine(parts, losers);
            parts[1].SetResult(new object());
            return (whole, new WeakReference(parts[0]));
        }
    });

    [Fact]
    public void A_loser_that_goes_on_does_not_keep_the_combined_future() => OnLoop.Run(static async () =>
    {
        foreach (Func<Future<object>[], Losers, Waitable> combine in s_kinds)
        {
            var loser = new Future<object>();
            await AssertCollectedAsync(Combine(combine, loser));
            loser.SetResult(new object());
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Combine(Func<Future<object>[], Losers, Waitable> combine, Future<object> loser)
        {
            Future<object>[] parts = [loser, new()];
            Waitable whole = combine(parts, Losers.LeaveAlone);
            parts[1].SetResult(new object());
            return new WeakReference(whole);
        }
    });

    [Fact]
    public void A_failed_or_cancelled_whole_keeps_none_of_its_parts() => OnLoop.Run(static async () =>
    {
        foreach (bool fail in (bool[])[true, false])
        {
            (Waitable whole, WeakReference[] parts) = Combine(fail);
            foreach (WeakReference part in parts)
            {
                await AssertCollectedAsync(part);
            }

            Assert.True(whole.IsDone);
            _ = whole.Failure;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static (Waitable Whole, WeakReference[] Parts) Combine(bool fail)
        {
            Future<object>[] parts = [new(), new(), new()];
            Future<object[]> whole = Future.All(parts);
            parts[0].SetResult(new object());
            if (fail)
            {
                parts[1].SetException(new InvalidTimeZoneException());
            }
            else
            {
                whole.Cancel();
            }

            return (whole, Array.ConvertAll(parts, static part => new WeakReference(part)));
        }
    });

    [Fact]
    public void A_future_that_nobody_holds_is_collected_whether_it_is_pending_or_settled() => OnLoop.Run(static async () =>
    {
        Action<Future<object>>[] ways = [static _ => { }, static future => future.SetResult(1), static future => future.Cancel()];
        foreach (Action<Future<object>> settle in ways)
        {
            await AssertCollectedAsync(Make(settle));
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Make(Action<Future<object>> settle)
        {
            var future = new Future<object>();
            future.AddDoneCallback(static _ => { });
            settle(future);
            return new WeakReference(future);
        }
    });

    [Fact]
    public void A_cancelled_waiter_is_not_kept_by_the_future() => OnLoop.Run(static async () =>
    {
        var future = new Future<object>();
        WeakReference local = await WaitAsync(future);
        await AssertCollectedAsync(local);
        future.SetResult(1);

        static async Task<WeakReference> WaitAsync(Future<object> future)
        {
            WeakReference? kept = null;
            await CancelScope.RunAsync(async scope =>
            {
                var local = new object();
                kept = new WeakReference(local);
                EventLoop.Current.Post(() => scope.Cancel());
                await future;
                GC.KeepAlive(local);
            });
            return kept!;
        }
    });

    [Fact]
    public void A_cancelled_wait_is_taken_out_of_the_future() => OnLoop.Run(static async () =>
    {
        var future = new Future<object>();
        WeakReference wait = await WaitAsync(future);
        await AssertCollectedAsync(wait);
        future.SetResult(1);

        static async Task<WeakReference> WaitAsync(Future<object> future)
        {
            WeakReference? kept = null;
            await CancelScope.RunAsync(scope =>
            {
                EventLoop.Current.Post(() => scope.Cancel());
                return Park(future, out kept).AsTask();
            });
            return kept!;
        }

        // As the future itself does it; the wait can't be had from outside.
        [MethodImpl(MethodImplOptions.NoInlining)]
        static ValueTask<object> Park(Future<object> future, out WeakReference kept)
        {
            var wait = new FutureWait<object>(future);
            kept = new WeakReference(wait);
            ValueTask<object> waiting = wait.ParkAsync(default);
            future.AddObserver(wait);
            return waiting;
        }
    });

    [Fact]
    public void A_cancelled_continuation_is_not_kept_by_the_future_that_it_followed() => OnLoop.Run(static async () =>
    {
        var followed = new Future<object>();
        await AssertCollectedAsync(await FollowAsync(followed));
        followed.SetResult(1);

        static async Task<WeakReference> FollowAsync(Future<object> followed)
        {
            var source = new Future<object>();
            source.SetResult(1);
            Future<object> next = source.Then(_ => followed);
            await OnLoop.TurnsAsync(3);
            next.Cancel();
            return new WeakReference(next);
        }
    });

    [Fact]
    public void The_end_of_a_chain_does_not_keep_its_beginning() => OnLoop.Run(static async () =>
    {
        (Future<object> end, WeakReference beginning) = Chain();
        await end;
        await AssertCollectedAsync(beginning);
        GC.KeepAlive(end);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static (Future<object> End, WeakReference Beginning) Chain()
        {
            var beginning = new Future<object>();
            Future<object> end = beginning.Then(static value => value).Catch(static failure => failure).Finally(static () => { });
            beginning.SetResult(1);
            return (end, new WeakReference(beginning));
        }
    });

    private static async Task AssertCollectedAsync(WeakReference reference)
    {
        // What ran last may stand in the loop's own locals for a turn or two.
        for (int i = 0; i < 20 && reference.IsAlive; i++)
        {
            await OnLoop.TurnsAsync(2);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(reference.IsAlive);
    }
}
