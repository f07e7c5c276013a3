using Gyre.Sync;

namespace Gyre.Tests.CooperativeThreads;

/// <summary>Exactly one cooperative thread or the loop runs at a time, in the order in which they became ready.</summary>
public sealed class BatonTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void An_unprotected_invariant_holds_under_many_threads_and_coroutines(int seed) => OnLoop.Run(async () =>
    {
        const int workers = 40;
        const int rounds = 200;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        int inside = 0;
        long counter = 0;
        int threadsOfOthers = 0;
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < workers; i++)
            {
                var random = new Random((seed * 1000) + i);
                if (i % 2 == 0)
                {
                    group.SpawnThread(() =>
                    {
                        for (int round = 0; round < rounds; round++)
                        {
                            Step();
                            switch (random.Next(4))
                            {
                                case 0:
                                    CooperativeThread.Yield();
                                    break;
                                case 1:
                                    CooperativeThread.Sleep(TimeSpan.Zero);
                                    break;
                                case 2:
                                    CooperativeThread.Await(CooperativeThread.Run(Step));
                                    break;
                                default:
                                    CooperativeThread.Await(Foreign(random.Next(50)));
                                    break;
                            }
                        }
                    });
                }
                else
                {
                    group.Spawn(async () =>
                    {
                        for (int round = 0; round < rounds; round++)
                        {
                            Step();
                            await (random.Next(2) == 0 ? Coroutine.YieldAsync() : new ValueTask(Foreign(random.Next(50))));
                        }
                    });
                }
            }

            return Task.CompletedTask;
        });
        Assert.Equal(0, threadsOfOthers);
        Assert.True(counter >= workers * rounds, $"{counter} steps.");

        void Step()
        {
            threadsOfOthers += inside;
            inside = 1;
            long before = counter;
            Thread.SpinWait(20);
            counter = before + 1;
            inside = 0;
        }

        static Task Foreign(int spins) => Task.Run(() => Thread.SpinWait(spins));
    });

    [Fact]
    public void Threads_and_coroutines_take_turns_first_in_first_out() => OnLoop.Run(static async () =>
    {
        var order = new List<string>();
        await TaskGroup.RunAsync(group =>
        {
            group.SpawnThread(() => Rounds("a"));
            group.Spawn(() => RoundsAsync("b"));
            group.SpawnThread(() => Rounds("c"));
            return Task.CompletedTask;
        });
        Assert.Equal(["a", "b", "c", "a", "b", "c", "a", "b", "c"], order);

        void Rounds(string name)
        {
            for (int i = 0; i < 3; i++)
            {
                order.Add(name);
                CooperativeThread.Yield();
            }
        }

        async Task RoundsAsync(string name)
        {
            for (int i = 0; i < 3; i++)
            {
                order.Add(name);
                await Coroutine.YieldAsync();
            }
        }
    });

    [Fact]
    public void Waiters_of_one_lock_get_it_in_the_order_of_asking_whatever_they_are() => OnLoop.Run(static async () =>
    {
        var order = new List<int>();
        var gate = new AsyncLock();
        await TaskGroup.RunAsync(async group =>
        {
            using (await gate.AcquireAsync())
            {
                for (int i = 0; i < 6; i++)
                {
                    int mine = i;
                    if (i % 2 == 0)
                    {
                        group.SpawnThread(() =>
                        {
                            using LockHolder held = CooperativeThread.Await(gate.AcquireAsync());
                            order.Add(mine);
                            CooperativeThread.Yield();
                        });
                    }
                    else
                    {
                        group.Spawn(async () =>
                        {
                            using LockHolder held = await gate.AcquireAsync();
                            order.Add(mine);
                            await Coroutine.YieldAsync();
                        });
                    }
                }

                await OnLoop.TurnsAsync(3);
            }
        });
        Assert.Equal([0, 1, 2, 3, 4, 5], order);
    });

    [Fact]
    public void Between_two_waits_nothing_else_runs() => OnLoop.Run(static async () =>
    {
        bool ended = false;
        int others = 0;
        await TaskGroup.RunAsync(group =>
        {
            group.Spawn(async () =>
            {
                while (!ended)
                {
                    others++;
                    await Coroutine.YieldAsync();
                }
            });
            group.SpawnThread(() =>
            {
                for (int round = 0; round < 20; round++)
                {
                    int before = others;
                    Thread.SpinWait(20_000);
                    Assert.Equal(before, others);
                    CooperativeThread.Yield();
                    Assert.Equal(before + 1, others);
                }

                ended = true;
            });
            return Task.CompletedTask;
        });
    });

    [Fact]
    public void Threads_of_two_loops_have_a_baton_each() => OnLoop.Run(static async () =>
    {
        EventLoop first = EventLoop.Current;
        int own = 0;
        await CooperativeThread.Run(() =>
        {
            own = Environment.CurrentManagedThreadId;
            var other = new Thread(() => GyreRuntime.Run(
                () => CooperativeThread.Run(() =>
                {
                    Assert.NotSame(first, EventLoop.Current);
                    CooperativeThread.Yield();
                    Assert.False(first.HasAccess);
                    Assert.True(CooperativeThread.IsCurrent);
                }),
                OnLoop.Options));
            other.Start();
            other.Join();
            Assert.Same(first, EventLoop.Current);
        });
    });
}
