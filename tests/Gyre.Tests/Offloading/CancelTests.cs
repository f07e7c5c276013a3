using Gyre.Sync;

namespace Gyre.Tests.Offloading;

/// <summary>Cancelled offloads: told by the token, and awaited.</summary>
public sealed class CancelTests
{
    [Fact]
    public void The_caller_waits_for_cancelled_work_which_ends_by_its_token() => OnLoop.Run(static async () =>
    {
        bool ended = false;
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            Task work = Offload.RunAsync(work =>
            {
                work.Invoke(() => scope.Cancel());
                Assert.True(SpinWait.SpinUntil(() => work.Token.IsCancellationRequested, OnLoop.HangBound));
                ended = true;
                work.ThrowIfCancelled();
            });
            await work;
        });
        Assert.Equal((true, true), (ended, scope.CancelledCaught));
        Assert.Equal(0, Offload.DefaultLimiter.BorrowedTokens);
    });

    [Fact]
    public void Work_that_returns_all_the_same_gives_its_result_and_the_next_wait_throws() => OnLoop.Run(static async () =>
    {
        int result = 0;
        bool passed = false;
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            result = await Offload.RunAsync(work =>
            {
                work.Invoke(() => scope.Cancel());
                return 6;
            });
            await Coroutine.YieldAsync();
            passed = true;
        });
        Assert.Equal((6, false, true), (result, passed, scope.CancelledCaught));
    });

    [Fact]
    public void A_failure_of_cancelled_work_wins_over_the_cancellation() => OnLoop.Run(static () =>
        Assert.ThrowsAsync<InvalidDataException>(static () => CancelScope.RunAsync(static scope => Offload.RunAsync(work =>
        {
            work.Invoke(() => scope.Cancel());
            throw new InvalidDataException();
        }))));

    [Fact]
    public void A_token_of_the_call_alone_is_told_too() => OnLoop.Run(static async () =>
    {
        using var source = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Offload.RunAsync(
            work =>
            {
                source.Cancel();
                Assert.True(work.Token.WaitHandle.WaitOne(OnLoop.HangBound));
                work.ThrowIfCancelled();
            },
            cancellationToken: source.Token));
        await Coroutine.YieldAsync();
    });

    [Fact]
    public void A_callback_of_the_works_token_that_fails_fails_the_callers_scope() => OnLoop.Throws<InvalidDataException>(static async () =>
    {
        await CancelScope.RunAsync(static scope => Offload.RunAsync(work =>
        {
            // Not disposed: the callback runs on the pool, and may be only about to when the work ends.
            work.Token.Register(static () => throw new InvalidDataException());
            work.Invoke(() => scope.Cancel());
        }));

        // The failure comes from the pool, and may find the scope left: then the one around it answers.
        await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
    });

    [Fact]
    public void A_wait_for_a_place_is_cancelled_at_once_and_its_work_never_begins() => OnLoop.Run(static async () =>
    {
        var limiter = new CapacityLimiter(1);
        bool began = false;
        using (await limiter.AcquireAsync())
        {
            CancelScope scope = await CancelScope.MoveOnAfterAsync(
                TimeSpan.FromMilliseconds(2), async _ => await Offload.RunAsync(() => { began = true; }, new OffloadOptions { Limiter = limiter }));
            Assert.True(scope.CancelledCaught);
            Assert.Equal(0, limiter.Statistics.Waiting);
        }

        Assert.False(began);
        Assert.Equal(0, limiter.BorrowedTokens);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Cancelled_in_the_turn_in_which_it_gets_its_place_the_work_never_begins(bool byToken) => OnLoop.Run(async () =>
    {
        var limiter = new CapacityLimiter(1);
        bool began = false;
        using var source = new CancellationTokenSource();
        BorrowedToken place = await limiter.AcquireAsync();
        CancelScope outer = await CancelScope.RunAsync(async scope =>
        {
            Task work = Offload.RunAsync(() => { began = true; }, new OffloadOptions { Limiter = limiter }, source.Token);
            await OnLoop.TurnsAsync(2);
            place.Dispose();
            if (byToken)
            {
                await source.CancelAsync();
            }
            else
            {
                scope.Cancel();
            }

            Assert.True(await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work) is not null);
        });
        Assert.False(began);
        Assert.Equal(0, limiter.BorrowedTokens);
        Assert.False(outer.CancelledCaught);
    });

    [Fact]
    public void In_a_cancelled_scope_nothing_begins() => OnLoop.Run(static async () =>
    {
        bool began = false;
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel();
            await Offload.RunAsync(() => { began = true; });
        });
        Assert.Equal((false, true), (began, scope.CancelledCaught));
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_hundred_cancelled_at_random_conserve_the_places(int seed) => OnLoop.Run(async () =>
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var limiter = new CapacityLimiter(7);
        int begun = 0;
        int ended = 0;
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 100; i++)
            {
                int turns = random.Next(60);
                int spins = random.Next(20_000);
                bool abandon = random.Next(2) == 0;
                bool invokes = random.Next(2) == 0;
                group.Spawn(async () => await CancelScope.RunAsync(scope => TaskGroup.RunAsync(async inner =>
                {
                    inner.Spawn(() => Offload.RunAsync(
                        work =>
                        {
                            Interlocked.Increment(ref begun);
                            try
                            {
                                Thread.SpinWait(spins);
                                if (invokes)
                                {
                                    work.Invoke(static async () => await OnLoop.TurnsAsync(3));
                                }

                                work.ThrowIfCancelled();
                            }
                            finally
                            {
                                Interlocked.Increment(ref ended);
                            }
                        },
                        new OffloadOptions { Limiter = limiter, AbandonOnCancel = abandon }));
                    await OnLoop.TurnsAsync(turns);
                    scope.Cancel();
                })));
            }

            return Task.CompletedTask;
        });
        await OnLoop.UntilAsync(() => limiter.BorrowedTokens == 0);
        Assert.Equal((begun, 0), (ended, limiter.Statistics.Waiting));
        Assert.Equal(7, limiter.AvailableTokens);
    });
}
