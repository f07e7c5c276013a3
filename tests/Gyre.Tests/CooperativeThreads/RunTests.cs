namespace Gyre.Tests.CooperativeThreads;

/// <summary>What <see cref="CooperativeThread.Run(Action)"/> gives back, where its caller goes on, and which threads it takes.</summary>
public sealed class RunTests
{
    [Fact]
    public void A_body_returns_its_value() =>
        Assert.Equal(3, OnLoop.Run(static () => CooperativeThread.Run(static () =>
        {
            CooperativeThread.Yield();
            return 3;
        })));

    [Fact]
    public void A_body_that_never_waits_is_over_when_Run_returns() => OnLoop.Run(static () =>
    {
        Task<int> run = CooperativeThread.Run(static () => 1);
        Assert.True(run.IsCompletedSuccessfully);
        return run;
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_exception_arrives_as_itself_with_the_trace_of_the_body(bool afterAWait)
    {
        InvalidDataException thrown = OnLoop.Throws<InvalidDataException>(() => CooperativeThread.Run(() => Parse(afterAWait)));
        Assert.Equal("no header", thrown.Message);
        Assert.Contains(nameof(Parse), thrown.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_step_runs_inside_Run_on_another_thread() => OnLoop.Run(static async () =>
    {
        int caller = Environment.CurrentManagedThreadId;
        int other = caller;
        bool isCurrent = false;
        Task run = CooperativeThread.Run(() =>
        {
            other = Environment.CurrentManagedThreadId;
            isCurrent = CooperativeThread.IsCurrent;
            CooperativeThread.Yield();
        });
        Assert.NotEqual(caller, other);
        Assert.True(isCurrent);
        Assert.False(CooperativeThread.IsCurrent);
        await run;
        Assert.Equal(caller, Environment.CurrentManagedThreadId);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whoever_awaits_it_goes_on_on_the_loops_own_thread(bool keepsContext) => OnLoop.Run(async () =>
    {
        int loops = Environment.CurrentManagedThreadId;
        await Both(keepsContext).ConfigureAwait(keepsContext);
        Assert.False(CooperativeThread.IsCurrent);
        Assert.Equal(loops, Environment.CurrentManagedThreadId);

        static async Task Both(bool keepsContext)
        {
            await CooperativeThread.Run(CooperativeThread.Yield).ConfigureAwait(keepsContext);
            await CooperativeThread.Run(static () => throw new InvalidDataException()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Assert.False(CooperativeThread.IsCurrent);
        }
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Runs_one_after_another_take_one_thread(bool keepsContext) => OnLoop.Run(async () =>
    {
        var threads = new HashSet<int>();
        for (int i = 0; i < 500; i++)
        {
            await CooperativeThread.Run(() =>
            {
                threads.Add(Environment.CurrentManagedThreadId);
                CooperativeThread.Yield();
            }).ConfigureAwait(keepsContext);
        }

        Assert.Single(threads);
        Assert.Equal(1, EventLoop.Current.Batons.Count);
    });

    [Fact]
    public void A_thread_runs_another_one_and_waits_for_it() => OnLoop.Run(static async () =>
    {
        var order = new List<string>();
        int result = await CooperativeThread.Run(() =>
        {
            order.Add("outer");
            Task<int> inner = CooperativeThread.Run(() =>
            {
                order.Add("inner");
                CooperativeThread.Yield();
                order.Add("inner again");
                return 4;
            });
            order.Add("outer again");
            return CooperativeThread.Await(inner) + 1;
        });
        Assert.Equal(5, result);
        Assert.Equal(["outer", "inner", "outer again", "inner again"], order);
    });

    [Fact]
    public void Runs_nest_a_hundred_deep() => OnLoop.Run(static async () =>
    {
        Assert.Equal(100, await CooperativeThread.Run(static () => Nest(100)));
        Assert.Equal(100, await CooperativeThread.Run(static () => Nest(100)));

        static int Nest(int depth) => depth == 0 ? 0 : 1 + CooperativeThread.Await(CooperativeThread.Run(() =>
        {
            CooperativeThread.Yield();
            return Nest(depth - 1);
        }));
    });

    [Fact]
    public void A_group_spawns_them_from_a_coroutine_and_from_a_thread() => OnLoop.Run(static async () =>
    {
        var order = new List<string>();
        await TaskGroup.RunAsync(group =>
        {
            Coroutine<int> first = group.SpawnThread(
                () =>
                {
                    order.Add(Coroutine.Current!.Name);
                    group.SpawnThread(() => order.Add(Coroutine.Current!.Name), "second");
                    CooperativeThread.Yield();
                    return 1;
                },
                "first");
            Assert.Empty(order);
            return Task.CompletedTask;
        });
        Assert.Equal(["first", "second"], order);
    });

    [Fact]
    public void A_group_opened_in_a_thread_is_awaited_there() => OnLoop.Run(static () => CooperativeThread.Run(static () =>
    {
        int ended = 0;
        CooperativeThread.Await(TaskGroup.RunAsync(group =>
        {
            group.Spawn(async () =>
            {
                await Coroutine.YieldAsync();
                ended++;
            });
            group.SpawnThread(() =>
            {
                CooperativeThread.Yield();
                ended++;
            });
            return Task.CompletedTask;
        }));
        Assert.Equal(2, ended);
    }));

    [Fact]
    public void A_failed_thread_fails_its_group_and_its_sibling_unwinds() => OnLoop.Run(static async () =>
    {
        bool unwound = false;
        await Assert.ThrowsAsync<InvalidDataException>(() => TaskGroup.RunAsync(group =>
        {
            group.SpawnThread(() =>
            {
                try
                {
                    CooperativeThread.Sleep(Timeout.InfiniteTimeSpan);
                }
                finally
                {
                    unwound = true;
                }
            });
            group.SpawnThread(static () => throw new InvalidDataException());
            return Task.CompletedTask;
        }));
        Assert.True(unwound);
    });

    [Fact]
    public void A_thousand_wait_at_once_and_few_threads_are_kept() => OnLoop.Run(static async () =>
    {
        const int count = 1000;
        var door = new Future("door");
        int waiting = 0;
        int through = 0;
        await TaskGroup.RunAsync(async group =>
        {
            for (int i = 0; i < count; i++)
            {
                group.SpawnThread(() =>
                {
                    waiting++;
                    door.Wait();
                    through++;
                });
            }

            await OnLoop.UntilAsync(() => waiting == count);
            Assert.Equal(count, EventLoop.Current.Batons.Count);
            door.SetResult();
        });
        Assert.Equal(count, through);
        await OnLoop.UntilAsync(static () => EventLoop.Current.Batons.Count <= 32);
    });

    [Fact]
    public void Crowds_over_time_take_no_more_threads_than_one_crowd() => OnLoop.Run(static async () =>
    {
        for (int round = 0; round < 50; round++)
        {
            await TaskGroup.RunAsync(static group =>
            {
                for (int i = 0; i < 20; i++)
                {
                    group.SpawnThread(CooperativeThread.Yield);
                }

                return Task.CompletedTask;
            });
            Assert.Equal(20, EventLoop.Current.Batons.Count);
        }
    });

    [Fact]
    public void Code_behind_an_await_inside_a_thread_runs_on_the_loops_own_thread() => OnLoop.Run(static async () =>
    {
        int loops = Environment.CurrentManagedThreadId;
        await CooperativeThread.Run(() =>
        {
            int own = Environment.CurrentManagedThreadId;
            CooperativeThread.Await(AskAsync());
            Assert.Equal(own, Environment.CurrentManagedThreadId);

            async Task AskAsync()
            {
                Assert.Equal(own, Environment.CurrentManagedThreadId);
                Assert.True(CooperativeThread.IsCurrent);
                await Coroutine.YieldAsync();
                Assert.Equal(loops, Environment.CurrentManagedThreadId);
                InvalidOperationException refused = Assert.Throws<InvalidOperationException>(CooperativeThread.Yield);
                Assert.Contains("without an await before this call", refused.Message, StringComparison.Ordinal);
            }
        });
    });

    [Fact]
    public void Without_a_loop_Run_is_refused()
    {
        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(static () => { _ = CooperativeThread.Run(static () => { }); });
        Assert.Contains("No event loop", refused.Message, StringComparison.Ordinal);
    }

    private static void Parse(bool afterAWait)
    {
        if (afterAWait)
        {
            CooperativeThread.Yield();
        }

        throw new InvalidDataException("no header");
    }
}
