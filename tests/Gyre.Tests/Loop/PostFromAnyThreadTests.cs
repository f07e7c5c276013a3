namespace Gyre.Tests;

public sealed class PostFromAnyThreadTests
{
    private const int Threads = 8;
    private const int PostsOfEach = 10_000;

    [Fact]
    public void Of_many_threads_none_is_lost_each_ones_order_is_kept_and_wakes_coalesce() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        var last = new int[Threads];
        int total = 0;
        bool inOrder = true;
        var allIn = new TaskCompletionSource();
        long wakesBefore = loop.Statistics.WaitingTurns;
        var threads = Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
        {
            for (int i = 1; i <= PostsOfEach; i++)
            {
                int number = i;
                loop.PostFromAnyThread(() =>
                {
                    inOrder &= last[thread] == number - 1;
                    last[thread] = number;
                    if (++total == Threads * PostsOfEach)
                    {
                        allIn.SetResult();
                    }
                });
            }
        })).ToArray();
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        await allIn.Task;
        Assert.True(inOrder);
        Assert.Equal(Threads * PostsOfEach, total);
        Assert.InRange(loop.Statistics.PostedFromOtherThreads, Threads * PostsOfEach, long.MaxValue);

        // One wake for each post would make as many waiting turns; far fewer shows that they coalesce.
        Assert.InRange(loop.Statistics.WaitingTurns - wakesBefore, 0, Threads * PostsOfEach / 2);
        foreach (Thread thread in threads)
        {
            thread.Join();
        }
    });

    [Fact]
    public void Many_posts_while_the_loop_sleeps_need_one_wake() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        using var posted = new ManualResetEventSlim();
        long turns = loop.Statistics.Turns;
        var poster = new Thread(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                loop.PostFromAnyThread(static () => { });
            }

            posted.Set();
        });

        // The loop's thread is held here while the other posts, so that all of them are in the inbox at one turn's start.
        poster.Start();
        posted.Wait();
        await OnLoop.TurnsAsync(2);
        Assert.Equal(1000, loop.Statistics.PostedFromOtherThreads);
        Assert.InRange(loop.Statistics.Turns - turns, 1, 5);
        poster.Join();
    });

    [Fact]
    public void A_post_wakes_a_loop_that_waits_for_ever() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        for (int i = 0; i < 200; i++)
        {
            var woken = new TaskCompletionSource();
            var poster = new Thread(() => loop.PostFromAnyThread(woken.SetResult));
            poster.Start();
            await woken.Task;
            poster.Join();
        }
    });

    [Fact]
    public void After_the_loops_end_it_throws_and_names_the_loop()
    {
        EventLoop loop = OnLoop.Run(() => Task.FromResult(EventLoop.Current));
        var failure = Assert.Throws<ObjectDisposedException>(() => loop.PostFromAnyThread(static () => { }));
        Assert.Contains(loop.Name, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Posts_that_race_with_the_loops_end_either_run_on_the_loop_or_are_refused()
    {
        for (int round = 0; round < 50; round++)
        {
            int accepted = 0;
            int run = 0;
            int elsewhere = 0;
            using var stop = new ManualResetEventSlim();
            Thread? poster = null;
            OnLoop.Run(async () =>
            {
                EventLoop loop = EventLoop.Current;
                poster = new Thread(() =>
                {
                    while (!stop.IsSet)
                    {
                        try
                        {
                            loop.PostFromAnyThread(() =>
                            {
                                Interlocked.Increment(ref run);
                                if (!loop.HasAccess)
                                {
                                    Interlocked.Increment(ref elsewhere);
                                }
                            });
                            accepted++;
                        }
                        catch (ObjectDisposedException)
                        {
                            // What the race is about: the loop has ended, and says so.
                            return;
                        }
                    }
                });
                poster.Start();
                await OnLoop.UntilAsync(() => run > 0);
            });
            poster!.Join();
            stop.Set();
            Assert.Equal(accepted, run);
            Assert.Equal(0, elsewhere);
        }
    }
}
