using Gyre.Conformance.Probes;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Conformance.Cases;

internal static class WakeCases
{
    private const long Millisecond = 1_000_000;

    [ConformanceCase]
    public static void A_wake_before_a_wait_ends_it(Rig rig)
    {
        for (int i = 0; i < 100; i++)
        {
            rig.Driver.Wake();
            rig.Turn(-1);
            rig.Turn(0);
            rig.Driver.Wake();
            rig.WaitForEvent();
        }
    }

    [ConformanceCase]
    public static void Wakes_coalesce(Rig rig)
    {
        // Some drivers tell of a wake that came during a turn in the next one as well; a thousand must not cost a thousand.
        for (int i = 0; i < 1000; i++)
        {
            rig.Driver.Wake();
        }

        long start = rig.Driver.GetTimestamp();
        int turns = 0;
        while (rig.Driver.GetTimestamp() - start < 20 * Millisecond)
        {
            rig.Turn(10 * Millisecond);
            Assert.True(++turns < 50, "After many wakes the driver goes on to end waits early.");
        }
    }

    [ConformanceCase]
    public static void A_wake_disturbs_no_operation(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.StartReceive();
        server.WhenReceived = _ => rig.Driver.Wake();
        client.Stream(1_000_000, 10_000);
        rig.TurnUntil(() => server.Received == 1_000_000, "all of it arrives");
    }

    [ConformanceCase(Needs = DriverCapabilities.RealWorld)]
    public static void A_wake_from_another_thread_ends_a_wait_that_has_begun(Rig rig)
    {
        using var waiting = new SemaphoreSlim(0);
        const int rounds = 300;
        var waker = new Thread(() =>
        {
            for (int i = 0; i < rounds; i++)
            {
                waiting.Wait();
                rig.Driver.Wake();
            }
        });
        waker.Start();
        for (int i = 0; i < rounds; i++)
        {
            waiting.Release();
            rig.WaitForEvent();
            while (waiting.CurrentCount > 0)
            {
                // A wake left over from the round before may have ended this turn; the thread is still to wake for this one.
                rig.WaitForEvent();
            }
        }

        waker.Join();
    }

    [ConformanceCase(Needs = DriverCapabilities.RealWorld)]
    public static void Wakes_from_many_threads_are_never_lost(Rig rig)
    {
        const int threads = 8;
        const int perThread = 5_000;
        long asked = 0;
        Thread[] wakers = [.. Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < perThread; i++)
            {
                Interlocked.Increment(ref asked);
                rig.Driver.Wake();
                if (i % 64 == 0)
                {
                    Thread.Yield();
                }
            }
        }))];
        Array.ForEach(wakers, static waker => waker.Start());
        long seen = 0;
        while (seen < threads * perThread)
        {
            // Whatever was asked for after the last look brings a wake with it, so this can't wait for ever.
            rig.WaitForEvent();
            seen = Interlocked.Read(ref asked);
        }

        Array.ForEach(wakers, static waker => waker.Join());
        Assert.Equal(threads * perThread, seen);
    }
}
