using System.Net;
using Gyre.Net;

namespace Gyre.Tests;

/// <summary>The numbered iteration: what runs in which turn, and that nothing starves.</summary>
public sealed class IterationTests
{
    [Fact]
    public void Work_made_ready_in_a_turn_runs_in_the_next() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        long first = 0;
        long second = 0;
        loop.Post(() =>
        {
            first = loop.Statistics.Turns;
            loop.Post(() => second = loop.Statistics.Turns);
        });
        await OnLoop.TurnsAsync(3);
        Assert.Equal(first + 1, second);
    });

    [Fact]
    public void A_yield_lets_what_is_ready_run_and_goes_on_in_the_next_turn() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        bool ran = false;
        long before = loop.Statistics.Turns;
        loop.Post(() => ran = true);
        await Coroutine.YieldAsync();
        Assert.True(ran);
        Assert.Equal(before + 1, loop.Statistics.Turns);
    });

    [Fact]
    public void Two_coroutines_that_yield_take_turns() => OnLoop.Run(async () =>
    {
        var order = new List<int>();
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 2; i++)
            {
                int number = i;
                group.Spawn(async () =>
                {
                    for (int round = 0; round < 3; round++)
                    {
                        order.Add(number);
                        await Coroutine.YieldAsync();
                    }
                });
            }

            return Task.CompletedTask;
        });
        Assert.Equal([0, 1, 0, 1, 0, 1], order);
    });

    [Fact]
    public void A_callback_that_posts_itself_for_ever_does_not_starve_a_timer() => OnLoop.Run(async () =>
    {
        using var flood = new PostFlood(EventLoop.Current);
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(5));
        Assert.InRange(flood.Rounds, 1, long.MaxValue);
    });

    [Fact]
    public void A_callback_that_posts_itself_for_ever_does_not_starve_IO() => OnLoop.Run(async () =>
    {
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        using var flood = new PostFlood(EventLoop.Current);
        await using TcpConnection client = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
        await using TcpConnection server = await listener.AcceptAsync();
        await client.Output.WriteAsync("x"u8.ToArray());
        Assert.Equal(1, (await server.Input.ReadAsync()).Buffer.Length);
        Assert.InRange(flood.Rounds, 1, long.MaxValue);
    });

    [Fact]
    public void A_flood_of_posts_from_other_threads_does_not_starve_a_timer() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        using var stop = new ManualResetEventSlim();
        int waiting = 0;
        var poster = new Thread(() =>
        {
            while (!stop.IsSet)
            {
                // Bounded, or the inbox would grow faster than one thread can empty it.
                if (Volatile.Read(ref waiting) < 10_000)
                {
                    Interlocked.Increment(ref waiting);
                    loop.PostFromAnyThread(() => Interlocked.Decrement(ref waiting));
                }
            }
        });
        poster.Start();
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(5));
        stop.Set();
        poster.Join();
    });

    [Fact]
    public void A_turn_with_ready_work_and_nothing_to_submit_makes_no_system_call() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        await OnLoop.TurnsAsync(10);
        long before = loop.Statistics.SystemCalls;
        await OnLoop.TurnsAsync(32);

        // Drivers whose idle look costs a call make it every 64 turns or 100 µs, so a slow machine may see some.
        if (loop.Driver.IdleTurnIsFree)
        {
            Assert.Equal(before, loop.Statistics.SystemCalls);
        }
        else
        {
            Assert.InRange(loop.Statistics.SystemCalls - before, 0, 31);
        }
    });

    /// <summary>Posts itself again each time it runs, until disposed.</summary>
    private sealed class PostFlood : IDisposable
    {
        private readonly EventLoop _loop;
        private bool _stopped;

        public PostFlood(EventLoop loop)
        {
            _loop = loop;
            loop.Post(Again);
        }

        public long Rounds { get; private set; }

        public void Dispose() => _stopped = true;

        private void Again()
        {
            Rounds++;
            if (!_stopped)
            {
                _loop.Post(Again);
            }
        }
    }
}
