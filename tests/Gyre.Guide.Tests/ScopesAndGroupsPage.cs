namespace Gyre.Guide.Tests;

public sealed class ScopesAndGroupsPage() : GuidePage("scopes-and-groups.md")
{
    [Fact]
    public void A_group() => Run("a-group", async () =>
    {
        // <a-group>
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<int> length = group.Spawn(async () =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(5));
                return "Gyre".Length;
            });
            group.Spawn(async () =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(300));
                Console.WriteLine("the other child");
            });
            Console.WriteLine($"{group.Count} children");
            Console.WriteLine(await length);
        });
        Console.WriteLine("all have ended");
        // </a-group>
    });

    [Fact]
    public void A_failure() => Run("a-failure", async () =>
    {
        // <a-failure>
        try
        {
            await TaskGroup.RunAsync(group =>
            {
                group.Spawn(() => throw new IOException("first"));
                group.Spawn(async () =>
                {
                    try
                    {
                        await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                    }
                    finally
                    {
                        Console.WriteLine("the other one is cancelled");
                    }
                });
                group.Spawn(() => throw new IOException("second"));
                return Task.CompletedTask;
            });
        }
        catch (IOException failure)
        {
            Console.WriteLine($"{failure.Message}, then {TaskGroup.FurtherFailuresOf(failure)[0].Message}");
        }
        // </a-failure>
    });

    [Fact]
    public void Time_limits() => Run("time-limits", async () =>
    {
        // <time-limits>
        CancelScope scope = await CancelScope.MoveOnAfterAsync(
            TimeSpan.FromMilliseconds(5),
            async _ => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
        Console.WriteLine($"moved on: {scope.CancelledCaught}, {scope.Reason}");

        try
        {
            await CancelScope.FailAfterAsync(
                TimeSpan.FromMilliseconds(5),
                async _ => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
        }
        catch (TimeoutException late)
        {
            Console.WriteLine(late.Message);
        }
        // </time-limits>
    });

    [Fact]
    public void Levels() => Run("levels", async () =>
    {
        // <levels>
        await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel("not needed");
            for (int i = 1; i <= 3; i++)
            {
                try
                {
                    await Coroutine.YieldAsync();
                }
                catch (OperationCanceledException)
                {
                    Console.WriteLine($"wait {i} throws");
                }
            }
        });
        await Coroutine.YieldAsync();
        Console.WriteLine("outside, waits wait again");
        // </levels>
    });

    [Fact]
    public void Shields() => Run("shields", async () =>
    {
        // <shields>
        CancelScope outer = await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(5), async _ =>
        {
            try
            {
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            }
            finally
            {
                await CancelScope.MoveOnAfterAsync(TimeSpan.FromSeconds(1), async cleanUp =>
                {
                    cleanUp.Shield = true;
                    await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
                    Console.WriteLine("said goodbye");
                });
            }
        });
        Console.WriteLine($"cancelled: {outer.CancelledCaught}");
        // </shields>
    });

    [Fact]
    public void Cancel_a_group() => Run("cancel-a-group", async () =>
    {
        // <cancel-a-group>
        await TaskGroup.RunAsync(async group =>
        {
            foreach (int milliseconds in (int[])[5, 5000, 10000])
            {
                group.Spawn(async () =>
                {
                    await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(milliseconds));
                    Console.WriteLine($"answered after {milliseconds} ms");
                    group.Cancel("one answer is enough");
                });
            }

            await Coroutine.YieldAsync();
        });
        Console.WriteLine("no error");
        // </cancel-a-group>
    });

    [Fact]
    public void Cancel_a_child() => Run("cancel-a-child", async () =>
    {
        // <cancel-a-child>
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine child = group.Spawn(async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan), "child");
            await Coroutine.YieldAsync();
            child.Cancel("not needed");
            try
            {
                await child;
            }
            catch (OperationCanceledException)
            {
                Console.WriteLine($"the child: {child.State}");
            }
        });
        Console.WriteLine("the group goes on");
        // </cancel-a-child>
    });

    [Fact]
    public void Ready() => Run("ready", async () =>
    {
        // <ready>
        await TaskGroup.RunAsync(async group =>
        {
            string address = await group.StartAsync<string>(async ready =>
            {
                await Coroutine.YieldAsync();
                ready.SetResult("127.0.0.1:8080");
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            });
            Console.WriteLine($"ready on {address}, {group.Count} child goes on");
            group.Cancel();
        });
        // </ready>
    });

    [Fact]
    public void First_success() => Run("first-success", async () =>
    {
        // <first-success>
        string answer = await TaskGroup.FirstSuccessAsync(
            () => throw new IOException("no route"),
            async () =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
                return "mirror 2";
            },
            async () =>
            {
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                return "mirror 3";
            });
        Console.WriteLine(answer);
        // </first-success>
    });

    [Fact]
    public void Deadlines_move() => Run("deadlines-move", async () =>
    {
        // <deadlines-move>
        CancelScope idle = await CancelScope.MoveOnAfterAsync(TimeSpan.FromSeconds(30), async scope =>
        {
            for (int message = 1; message <= 3; message++)
            {
                scope.Deadline = EventLoop.Current.Time + TimeSpan.FromMilliseconds(250);
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(message == 3 ? 5000 : 1));
                Console.WriteLine($"message {message}");
            }
        });
        Console.WriteLine($"fell silent: {idle.CancelledCaught}");
        // </deadlines-move>
    });

    [Fact]
    public void Tokens() => Run("tokens", async () =>
    {
        // <tokens>
        CancelScope scope = await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(5), async scope =>
        {
            var neverRead = new StreamReader(new System.IO.Pipelines.Pipe().Reader.AsStream());
            await neverRead.ReadLineAsync(scope.Token);
        });
        Console.WriteLine($"the foreign read ended: {scope.CancelledCaught}");
        // </tokens>
    });
}
