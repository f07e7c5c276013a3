/// <summary>Each takes the number of operations and does them with what the BCL has for it.</summary>
internal static class Mechanisms
{
    private static readonly Func<Task> s_plain = PlainAsync;
    private static readonly Func<Task> s_yields = YieldsAsync;

    private static readonly Dictionary<string, Func<long, Task>> s_timed = new()
    {
        ["spawn"] = n => SpawnAsync(n, s_plain),
        ["spawn-yield"] = n => SpawnAsync(n, s_yields),
        ["spawn-task-yield"] = n => SpawnAsync(n, s_yields),
        ["spawn-now"] = n => SpawnAsync(n, s_plain),
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
        ["send"] = IterateAsync,
    };

    private static long s_count;

    public static async Task<Sample?> MeasureAsync(string mechanism, int milliseconds) => mechanism switch
    {
        "sleepers" => await Sample.OnceAsync(static n => SleepersAsync(n, spread: false), Requests.Sleepers),
        "sleepers-spread" => await Sample.OnceAsync(static n => SleepersAsync(n, spread: true), Requests.Sleepers),
        "sleeping-flows" => await Sample.OnceAsync(static n => SleepersAsync(n, spread: false), Requests.Sleepers),
        "million-timers" => await Sample.OnceAsync(MillionTimersAsync, Requests.Timers),
        "bytes-sleep" => HeldSleepers(),
        "bytes-future" => HeldWaiters(),
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
        await Task.Yield();
    }

    private static async Task SpawnAsync(long n, Func<Task> body)
    {
        for (long i = 0; i < n; i++)
        {
            await Task.Run(body);
        }
    }

    private static async Task YieldAsync(long n)
    {
        for (long i = 0; i < n; i++)
        {
            await Task.Yield();
        }
    }

    private static Task YieldManyAsync(long n)
    {
        var flows = new Task[100];
        for (int i = 0; i < flows.Length; i++)
        {
            flows[i] = YieldAsync(n / 100);
        }

        return Task.WhenAll(flows);
    }

    private static Task TimerAsync(long n)
    {
        for (long i = 0; i < n; i++)
        {
            new Timer(static _ => s_count++, null, 10_000, Timeout.Infinite).Dispose();
        }

        return Task.CompletedTask;
    }

    private static Task TimerReusedAsync(long n)
    {
        using var timer = new Timer(static _ => s_count++, null, Timeout.Infinite, Timeout.Infinite);
        for (long i = 0; i < n; i++)
        {
            timer.Change(10_000, Timeout.Infinite);
            timer.Change(Timeout.Infinite, Timeout.Infinite);
        }

        return Task.CompletedTask;
    }

    private static async Task ScopeAsync(long n)
    {
        for (long i = 0; i < n; i++)
        {
            using var source = new CancellationTokenSource();
            await PlainAsync();
        }
    }

    private static async Task MoveOnAsync(long n)
    {
        for (long i = 0; i < n; i++)
        {
            using var source = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await PlainAsync();
        }
    }

    private static async Task ScopeReusedAsync(long n)
    {
        using var source = new CancellationTokenSource();
        for (long i = 0; i < n; i++)
        {
            source.CancelAfter(TimeSpan.FromSeconds(10));
            await Task.Yield();
            source.TryReset();
        }
    }

    private static async Task AwaitDoneAsync(long n)
    {
        var source = new TaskCompletionSource<int>();
        source.SetResult(1);
        Task<int> task = source.Task;
        for (long i = 0; i < n; i++)
        {
            s_count += await task;
        }
    }

    private static Task FutureAsync(long n)
    {
        TaskCompletionSource<int>[] turns = [Turn(), Turn()];
        turns[0].SetResult(1);
        return Task.WhenAll(SideAsync(turns, 0, n / 2), SideAsync(turns, 1, n / 2));
    }

    private static TaskCompletionSource<int> Turn() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static async Task SideAsync(TaskCompletionSource<int>[] turns, int side, long n)
    {
        for (long i = 0; i < n; i++)
        {
            s_count += await turns[side].Task;
            turns[side] = Turn();
            turns[1 - side].SetResult(1);
        }
    }

    private static async Task GroupAsync(long n)
    {
        for (long i = 0; i < n; i++)
        {
            var children = new Task[10];
            for (int child = 0; child < children.Length; child++)
            {
                children[child] = Task.Run(s_plain);
            }

            await Task.WhenAll(children);
        }
    }

    private static IEnumerator<int> Iterate()
    {
        while (s_count >= 0)
        {
            yield return 1;
        }
    }

    private static Task IterateAsync(long n)
    {
        using IEnumerator<int> iterator = Iterate();
        s_count += IterateAll(iterator, n);
        return Task.CompletedTask;
    }

    private static long IterateAll(IEnumerator<int> iterator, long n)
    {
        long sum = 0;
        for (long i = 0; i < n; i++)
        {
            iterator.MoveNext();
            sum += iterator.Current;
        }

        return sum;
    }

    private static Task SleepersAsync(long n, bool spread)
    {
        var sleepers = new Task[n];
        for (long i = 0; i < n; i++)
        {
            sleepers[i] = SleepAsync(TimeSpan.FromMilliseconds(spread ? 500 + (i * 7919 % 1000) : 1000));
        }

        return Task.WhenAll(sleepers);
    }

    private static async Task SleepAsync(TimeSpan delay)
    {
        await Task.Delay(delay);
        s_count++;
    }

    private static Task MillionTimersAsync(long n)
    {
        var timers = new Timer[n];
        for (long i = 0; i < n; i++)
        {
            timers[i] = new Timer(static _ => s_count++, null, TimeSpan.FromSeconds(100 + (i * 7919 % 1000)), Timeout.InfiniteTimeSpan);
        }

        foreach (Timer timer in timers)
        {
            timer.Dispose();
        }

        return Task.CompletedTask;
    }

    private static async Task SleepLongAsync(CancellationToken token) => await Task.Delay(TimeSpan.FromHours(1), token);

    private static async Task WaitForAsync(Task<int> task) => s_count += await task;

    private static Sample HeldSleepers()
    {
        using var source = new CancellationTokenSource();
        Sample held = Held(() => SleepLongAsync(source.Token));
        source.Cancel();
        return held;
    }

    private static Sample HeldWaiters()
    {
        TaskCompletionSource<int> turn = Turn();
        Sample held = Held(() => WaitForAsync(turn.Task));
        turn.SetResult(1);
        return held;
    }

    private static Sample Held(Func<Task> body)
    {
        long before = Sample.Live();
        for (int i = 0; i < Requests.Sleepers; i++)
        {
            _ = body();
        }

        return new Sample(Requests.Sleepers, 0, 0, Sample.Live() - before);
    }
}
