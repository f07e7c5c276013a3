using Gyre;
using Gyre.Generators;

/// <summary>Each takes the number of operations and does them, on the loop that runs it.</summary>
internal static class Mechanisms
{
    private static readonly Func<Task> s_plain = PlainAsync;
    private static readonly Func<Task> s_yields = YieldsAsync;
    private static readonly Func<Task> s_taskYields = TaskYieldsAsync;
    private static readonly Func<CancelScope, Task> s_scopeBody = static _ => PlainAsync();

    private static readonly Dictionary<string, Func<long, Task>> s_timed = new()
    {
        ["spawn"] = n => SpawnAsync(n, s_plain),
        ["spawn-yield"] = n => SpawnAsync(n, s_yields),
        ["spawn-task-yield"] = n => SpawnAsync(n, s_taskYields),
        ["spawn-now"] = SpawnNowAsync,
        ["yield"] = YieldAsync,
        ["yield-100"] = YieldManyAsync,
        ["timer"] = TimerAsync,
        ["timer-reused"] = TimerReusedAsync,
        ["scope"] = ScopeAsync,
        ["scope-reused"] = ScopeReusedAsync,
        ["move-on"] = MoveOnAsync,
        ["await-done"] = AwaitDoneAsync,
        ["future"] = FutureAsync,
        ["group-10"] = GroupAsync,
        ["send"] = SendAsync,
    };

    private static long s_count;

    public static async Task<Sample?> MeasureAsync(string mechanism, int milliseconds) => mechanism switch
    {
        "sleepers" => await Sample.OnceAsync(static n => SleepersAsync(n, spread: false), Requests.Sleepers),
        "sleepers-spread" => await Sample.OnceAsync(static n => SleepersAsync(n, spread: true), Requests.Sleepers),
        "sleeping-flows" => await Sample.OnceAsync(SleepingFlowsAsync, Requests.Sleepers),
        "million-timers" => await Sample.OnceAsync(MillionTimersAsync, Requests.Timers),
        "bytes-sleep" => await HeldAsync(static () => SleepLongAsync()),
        "bytes-future" => await HeldFutureAsync(),
        "resident-thread" => await ResidentThreadsAsync(),
        _ => s_timed.TryGetValue(mechanism, out Func<long, Task>? work) || Exchanges.Timed.TryGetValue(mechanism, out work)
            ? await Sample.OfAsync(work, milliseconds)
            : null,
    };

#pragma warning disable CS1998 // The same body as everywhere: an async method that happens not to wait.
    private static async Task PlainAsync() => s_count++;
#pragma warning restore CS1998

    private static async Task YieldsAsync()
    {
        s_count++;
        await Coroutine.YieldAsync();
    }

    private static async Task TaskYieldsAsync()
    {
        s_count++;
        await Task.Yield();
    }

    private static Task SpawnAsync(long n, Func<Task> body) => TaskGroup.RunAsync(async group =>
    {
        for (long i = 0; i < n; i++)
        {
            await group.Spawn(body);
        }
    });

    private static Task SpawnNowAsync(long n) => TaskGroup.RunAsync(async group =>
    {
        for (long i = 0; i < n; i++)
        {
            await group.SpawnNow(s_plain);
        }
    });

    private static async Task YieldAsync(long n)
    {
        for (long i = 0; i < n; i++)
        {
            await Coroutine.YieldAsync();
        }
    }

    private static Task YieldManyAsync(long n) => TaskGroup.RunAsync(group =>
    {
        for (int i = 0; i < 100; i++)
        {
            group.Spawn(() => YieldAsync(n / 100));
        }

        return Task.CompletedTask;
    });

    private static Task TimerAsync(long n)
    {
        EventLoop loop = EventLoop.Current;
        for (long i = 0; i < n; i++)
        {
            loop.CallLater(TimeSpan.FromSeconds(10), static () => s_count++).Cancel();
        }

        return Task.CompletedTask;
    }

    private static Task TimerReusedAsync(long n)
    {
        using ITimer timer = EventLoop.Current.Clock.CreateTimer(
            static _ => s_count++, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        for (long i = 0; i < n; i++)
        {
            timer.Change(TimeSpan.FromSeconds(10), Timeout.InfiniteTimeSpan);
            timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        return Task.CompletedTask;
    }

    private static async Task ScopeAsync(long n)
    {
        for (long i = 0; i < n; i++)
        {
            await CancelScope.RunAsync(s_scopeBody);
        }
    }

    private static async Task MoveOnAsync(long n)
    {
        for (long i = 0; i < n; i++)
        {
            await CancelScope.MoveOnAfterAsync(TimeSpan.FromSeconds(10), s_scopeBody);
        }
    }

    /// <summary>One scope whose deadline is moved for each piece of work, as a server does for each request of a connection.</summary>
    private static Task ScopeReusedAsync(long n) => CancelScope.RunAsync(async scope =>
    {
        EventLoop loop = EventLoop.Current;
        for (long i = 0; i < n; i++)
        {
            scope.Deadline = loop.Time + TimeSpan.FromSeconds(10);
            await Coroutine.YieldAsync();
            scope.Deadline = null;
        }
    });

    private static async Task AwaitDoneAsync(long n)
    {
        var future = new Future<int>();
        future.SetResult(1);
        for (long i = 0; i < n; i++)
        {
            s_count += await future;
        }
    }

    /// <summary>Two flows hand each other the turn; each hand-over makes a future, waits for it and settles it.</summary>
    private static Task FutureAsync(long n)
    {
        Future<int>[] turns = [new(), new()];
        turns[0].SetResult(1);
        return Task.WhenAll(SideAsync(turns, 0, n / 2), SideAsync(turns, 1, n / 2));
    }

    private static async Task SideAsync(Future<int>[] turns, int side, long n)
    {
        for (long i = 0; i < n; i++)
        {
            s_count += await turns[side];
            turns[side] = new Future<int>();
            turns[1 - side].SetResult(1);
        }
    }

    private static async Task GroupAsync(long n)
    {
        for (long i = 0; i < n; i++)
        {
            await TaskGroup.RunAsync(static group =>
            {
                for (int child = 0; child < 10; child++)
                {
                    group.Spawn(s_plain);
                }

                return Task.CompletedTask;
            });
        }
    }

    private static Task SendAsync(long n)
    {
        Generator<int, int, int> generator = Generator.Create<int, int, int>(static async g =>
        {
            int sent = 0;
            while (sent >= 0)
            {
                sent = await g.Yield(sent);
            }

            return sent;
        });
        generator.Next();
        s_count += SendAll(generator, n);
        generator.Close();
        return Task.CompletedTask;
    }

    private static long SendAll(Generator<int, int, int> generator, long n)
    {
        long sum = 0;
        for (long i = 0; i < n; i++)
        {
            sum += generator.Send(1).Yielded;
        }

        return sum;
    }

    private static Task SleepersAsync(long n, bool spread) => TaskGroup.RunAsync(group =>
    {
        for (long i = 0; i < n; i++)
        {
            TimeSpan delay = TimeSpan.FromMilliseconds(spread ? 500 + (i * 7919 % 1000) : 1000);
            group.Spawn(() => SleepAsync(delay));
        }

        return Task.CompletedTask;
    });

    private static async Task SleepAsync(TimeSpan delay)
    {
        await Coroutine.SleepAsync(delay);
        s_count++;
    }

    private static Task SleepingFlowsAsync(long n)
    {
        var flows = new Task[n];
        for (long i = 0; i < n; i++)
        {
            flows[i] = SleepAsync(TimeSpan.FromMilliseconds(1000));
        }

        return Task.WhenAll(flows);
    }

    private static Task MillionTimersAsync(long n)
    {
        EventLoop loop = EventLoop.Current;
        var timers = new TimerHandle[n];
        for (long i = 0; i < n; i++)
        {
            timers[i] = loop.CallLater(TimeSpan.FromSeconds(100 + (i * 7919 % 1000)), static () => s_count++);
        }

        foreach (TimerHandle timer in timers)
        {
            timer.Cancel();
        }

        return Task.CompletedTask;
    }

    private static async Task SleepLongAsync() => await Coroutine.SleepAsync(TimeSpan.FromHours(1));

    private static async Task WaitForAsync(Future<int> future) => s_count += await future;

    private static Task<Sample?> HeldFutureAsync()
    {
        // One for all of them, as when many wait for the same event.
        var future = new Future<int>();
        return HeldAsync(() => WaitForAsync(future));
    }

    /// <summary>Live bytes with that many coroutines suspended less those without, everything that they hold included.</summary>
    private static async Task<Sample?> HeldAsync(Func<Task> body)
    {
        double bytes = 0;
        await TaskGroup.RunAsync(async group =>
        {
            await Coroutine.YieldAsync();
            long before = Sample.Live();
            for (int i = 0; i < Requests.Sleepers; i++)
            {
                group.Spawn(body);
                if (i % 100 == 99)
                {
                    await Coroutine.YieldAsync();
                }
            }

            await Coroutine.YieldAsync();
            bytes = Sample.Live() - before;
            group.Cancel();
        });
        return new Sample(Requests.Sleepers, 0, 0, bytes);
    }

    /// <summary>What a thousand parked cooperative threads add to the memory that the system counts.</summary>
    private static async Task<Sample?> ResidentThreadsAsync()
    {
        const int Threads = 1000;
        double bytes = 0;
        await TaskGroup.RunAsync(async group =>
        {
            long before = Sample.Resident();
            for (int i = 0; i < Threads; i++)
            {
                group.SpawnThread(static () => CooperativeThread.Sleep(TimeSpan.FromHours(1)));
            }

            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(500));
            bytes = Sample.Resident() - before;
            group.Cancel();
        });
        return new Sample(Threads, 0, 0, bytes);
    }
}
