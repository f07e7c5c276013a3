using Gyre.Sync;

namespace Gyre.Tests;

public sealed class CapacityLimiterTests
{
    [Fact]
    public void Each_borrower_has_one_token_at_most() => OnLoop.Run(async () =>
    {
        var limiter = new CapacityLimiter(3, "limiter");
        using (BorrowedToken mine = await limiter.AcquireAsync())
        {
            Assert.Same(Coroutine.Current, mine.Borrower);
            Assert.Contains(
                "limiter",
                (await Assert.ThrowsAsync<InvalidOperationException>(async () => await limiter.AcquireAsync())).Message,
                StringComparison.Ordinal);
            Assert.Throws<InvalidOperationException>(() => limiter.TryAcquire(null, out _));
            object other = new();
            Assert.True(limiter.TryAcquire(other, out BorrowedToken others));
            Assert.Equal(2, limiter.BorrowedTokens);
            Assert.Equal([Coroutine.Current!, other], limiter.Statistics.Borrowers.OrderBy(each => each == other));
            others.Dispose();
        }

        Assert.Equal(0, limiter.BorrowedTokens);
        Assert.Equal(3, limiter.AvailableTokens);
    });

    [Fact]
    public void Raised_it_lets_in_as_many_as_fit_in_order_and_lowered_it_takes_nothing_back() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var limiter = new CapacityLimiter(1);
        var inside = new List<int>();
        var leave = new AsyncSemaphore(0);
        for (int i = 0; i < 5; i++)
        {
            int number = i;
            group.Spawn(async () =>
            {
                using BorrowedToken token = await limiter.AcquireAsync();
                inside.Add(number);
                await leave.AcquireAsync();
            });
        }

        await Coroutine.YieldAsync();
        Assert.Equal([0], inside);
        limiter.TotalTokens = 3;
        await Coroutine.YieldAsync();
        Assert.Equal([0, 1, 2], inside);
        limiter.TotalTokens = 1;
        Assert.Equal(3, limiter.BorrowedTokens);
        Assert.Equal(0, limiter.AvailableTokens);
        leave.Release(2);
        await OnLoop.TurnsAsync(2);
        Assert.Equal([0, 1, 2], inside);
        leave.Release();
        await OnLoop.TurnsAsync(2);
        Assert.Equal([0, 1, 2, 3], inside);
        limiter.TotalTokens = int.MaxValue;
        leave.Release(2);
        await OnLoop.TurnsAsync(3);
        Assert.Equal(0, limiter.BorrowedTokens);
        Assert.Throws<ArgumentOutOfRangeException>(() => limiter.TotalTokens = 0);
        Assert.Equal(int.MaxValue, limiter.TotalTokens);
    }));

    [Fact]
    public void A_token_given_back_is_the_waiters_before_anybody_can_try() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var limiter = new CapacityLimiter(1);
        BorrowedToken mine = await limiter.AcquireAsync();
        Coroutine<BorrowedToken> waiter = group.Spawn(async () => await limiter.AcquireAsync());
        await Coroutine.YieldAsync();
        mine.Dispose();
        Assert.False(limiter.TryAcquire(new object(), out _));
        Assert.Equal(1, limiter.BorrowedTokens);
        await waiter;
    }));

    [Fact]
    public void A_cancelled_waiter_leaves_no_trace_in_either_order() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var limiter = new CapacityLimiter(1);
        BorrowedToken mine = await limiter.AcquireAsync();
        Coroutine cancelledFirst = group.Spawn(BorrowAsync);
        await Coroutine.YieldAsync();
        cancelledFirst.Cancel();
        mine.Dispose();
        await Coroutine.YieldAsync();
        Assert.Equal(0, limiter.BorrowedTokens);
        Assert.Empty(limiter.Statistics.Borrowers);
        mine = await limiter.AcquireAsync();
        Coroutine givenFirst = group.Spawn(BorrowAsync);
        await Coroutine.YieldAsync();
        mine.Dispose();
        givenFirst.Cancel();
        Assert.Equal(1, limiter.BorrowedTokens);
        await Coroutine.YieldAsync();
        Assert.Equal(0, limiter.BorrowedTokens);

        async Task BorrowAsync()
        {
            using BorrowedToken token = await limiter.AcquireAsync();
        }
    }));

    /// <summary>A token was known by its borrower alone, so that a stale copy gave back what the same borrower had borrowed since.</summary>
    [Fact]
    public void Disposing_a_token_twice_does_not_give_back_what_its_borrower_borrowed_since() => OnLoop.Run(async () =>
    {
        var limiter = new CapacityLimiter(1);
        BorrowedToken first = await limiter.AcquireAsync();
        first.Dispose();
        BorrowedToken second = await limiter.AcquireAsync();
        Assert.NotEqual(first, second);
        first.Dispose();
        Assert.Equal(1, limiter.BorrowedTokens);
        second.Dispose();
        Assert.Equal(0, limiter.BorrowedTokens);
        default(BorrowedToken).Dispose();
    });

    /// <summary>As above: it forgot a borrower that waited, counted one token too few, and let another in.</summary>
    [Fact]
    public void Disposing_a_token_twice_does_not_take_its_borrower_out_of_the_queue() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var limiter = new CapacityLimiter(1);
        object borrower = new();
        BorrowedToken stale = await limiter.AcquireOnBehalfOfAsync(borrower);
        stale.Dispose();
        BorrowedToken mine = await limiter.AcquireAsync();
        Coroutine waiter = group.Spawn(async () =>
        {
            using BorrowedToken token = await limiter.AcquireOnBehalfOfAsync(borrower);
        });
        await Coroutine.YieldAsync();
        stale.Dispose();
        Assert.Equal(1, limiter.BorrowedTokens);
        await Coroutine.YieldAsync();
        Assert.False(waiter.IsDone);
        mine.Dispose();
        await waiter;
        Assert.Equal(0, limiter.BorrowedTokens);
    }));
}
