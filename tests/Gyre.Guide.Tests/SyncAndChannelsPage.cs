using Gyre.Channels;
using Gyre.Sync;

namespace Gyre.Guide.Tests;

public sealed class SyncAndChannelsPage() : GuidePage("sync-and-channels.md")
{
    [Fact]
    public void Lock() => Run("lock", async () =>
    {
        // <lock>
        var gate = new AsyncLock("account");
        int balance = 100;
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 3; i++)
            {
                group.Spawn(() => WithdrawAsync(40));
            }

            return Task.CompletedTask;
        });

        async Task WithdrawAsync(int amount)
        {
            using (await gate.AcquireAsync())
            {
                int before = balance;
                await Coroutine.YieldAsync();
                if (before < amount)
                {
                    Console.WriteLine($"refused, {before} left");
                    return;
                }

                balance = before - amount;
                Console.WriteLine($"{balance} left");
            }
        }
        // </lock>
    });

    [Fact]
    public void Ends() => Run("ends", async () =>
    {
        // <ends>
        LoopChannel<string> jobs = LoopChannel.CreateBounded<string>(2, "jobs");
        await TaskGroup.RunAsync(async group =>
        {
            foreach (string name in new[] { "a", "b" })
            {
                LoopWriter<string> writer = jobs.Writer.Clone();
                group.Spawn(async () =>
                {
                    using (writer)
                    {
                        for (int i = 1; i <= 2; i++)
                        {
                            await writer.WriteAsync($"{name}{i}");
                        }
                    }
                });
            }

            jobs.Writer.Dispose();
            int count = 0;
            await foreach (string job in jobs.Reader.ReadAllAsync())
            {
                count++;
            }

            Console.WriteLine($"{count} jobs");
        });
        // </ends>
    });

    [Fact]
    public void Queue() => Run("queue", async () =>
    {
        // <queue>
        var queue = new AsyncQueue<int>(capacity: 10, QueueOrder.Priority);
        await TaskGroup.RunAsync(async group =>
        {
            foreach (int item in new[] { 3, 1, 2 })
            {
                await queue.PutAsync(item);
            }

            group.Spawn(async () =>
            {
                await foreach (int item in queue)
                {
                    Console.WriteLine($"working on {item}");
                    queue.TaskDone();
                }
            });
            await queue.JoinAsync();
            queue.Shutdown();
            Console.WriteLine("all done");
        });
        // </queue>
    });

    [Fact]
    public void Select() => Run("select", async () =>
    {
        // <select>
        LoopChannel<int> numbers = LoopChannel.CreateRendezvous<int>();
        var stop = new Future("stop");
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () =>
            {
                await numbers.Writer.WriteAsync(1);
                await numbers.Writer.WriteAsync(2);
                stop.SetResult();
            });
            var select = new Select(SelectOrder.Biased);
            SelectSettled stopped = select.Settled(stop);
            SelectReceive<int> number = select.Receive(numbers.Reader);
            SelectAfter silence = select.After(TimeSpan.FromSeconds(30));
            while (await select.WaitAsync() is var taken && taken != stopped)
            {
                Console.WriteLine(taken == number ? $"number {number.Item}" : "nothing for half a minute");
            }

            Console.WriteLine($"stopped, {numbers.Statistics.ReadersWaiting} wait");
        });
        // </select>
    });

    [Fact]
    public void Watch() => Run("watch", async () =>
    {
        // <watch>
        var config = new WatchChannel<string>("v1", "config");
        Console.WriteLine(await config.Reader.ReadAsync());
        config.Value = "v2";
        config.Value = "v3";
        Console.WriteLine(await config.Reader.ReadAsync());
        Console.WriteLine(config.Reader.HasChanged);
        // </watch>
    });

    [Fact]
    public void Cross() => Run("cross", async () =>
    {
        // <cross>
        var results = new CrossLoopChannel<int>(capacity: 4);
        var thread = new Thread(() =>
        {
            for (int i = 1; i <= 3; i++)
            {
                results.Writer.TryWrite(i * i);
            }

            results.Writer.Complete();
        });
        thread.Start();
        await foreach (int result in results.Reader.ReadAllAsync())
        {
            Console.WriteLine(result);
        }
        // </cross>
    });

    [Fact]
    public void Cancel() => Run("cancel", async () =>
    {
        // <cancel>
        LoopChannel<int> channel = LoopChannel.CreateRendezvous<int>();
        CancelScope scope = await CancelScope.MoveOnAfterAsync(
            TimeSpan.FromMilliseconds(5), async _ => await channel.Writer.WriteAsync(1));
        Console.WriteLine($"gave up: {scope.CancelledCaught}");
        Console.WriteLine($"somebody can read it: {channel.Reader.TryRead(out _)}");
        // </cancel>
    });
}
