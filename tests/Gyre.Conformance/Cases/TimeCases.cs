using Gyre.Conformance.Probes;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Conformance.Cases;

internal static class TimeCases
{
    private const long Millisecond = 1_000_000;

    [ConformanceCase]
    public static void Time_never_goes_back(Rig rig)
    {
        long last = rig.Driver.GetTimestamp();
        for (int i = 0; i < 2000; i++)
        {
            long now = rig.Driver.GetTimestamp();
            Assert.True(now >= last, $"The clock went from {last} back to {now}.");
            last = now;
            if (i % 20 == 0)
            {
                rig.Turn(i % 40 == 0 ? 0 : Millisecond / 10);
            }
        }
    }

    [ConformanceCase]
    public static void A_wait_ends_at_its_time_and_does_not_spin(Rig rig)
    {
        long start = rig.Driver.GetTimestamp();
        DateTimeOffset wall = rig.Driver.GetUtcNow();
        int turns = 0;
        for (long end = start + (30 * Millisecond); rig.Driver.GetTimestamp() < end; turns++)
        {
            rig.Turn(end - rig.Driver.GetTimestamp());
        }

        // Time-outs may be rounded and waits interrupted, but a driver that polls would need thousands.
        Assert.InRange(turns, 1, 60);
        Assert.True(rig.Driver.GetUtcNow() >= wall, "The wall clock went back.");
    }

    [ConformanceCase]
    public static void A_turn_without_time_does_not_wait(Rig rig)
    {
        // One such turn that waited even a tenth of a second would show.
        long start = rig.Driver.GetTimestamp();
        for (int i = 0; i < 200; i++)
        {
            rig.Turn(0);
        }

        Assert.InRange(rig.Driver.GetTimestamp() - start, 0, 20_000 * Millisecond);
    }

    [ConformanceCase(Needs = DriverCapabilities.CountsSystemCalls)]
    public static void A_turn_without_time_and_work_is_free_where_the_driver_says_so(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.StartReceive();
        rig.Settle();
        long before = rig.Driver.Statistics.SystemCalls;
        for (int i = 0; i < 100; i++)
        {
            rig.Turn(0);
        }

        long calls = rig.Driver.Statistics.SystemCalls - before;
        Assert.InRange(calls, 0, rig.Driver.IdleTurnIsFree ? 5 : 100);
        Assert.NotNull(client);
    }

    [ConformanceCase]
    public static void A_wait_ends_when_something_happens(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.StartReceive();
        for (int i = 1; i <= 50; i++)
        {
            client.Stream(1, 1);
            while (server.Received < i || client.IsSending)
            {
                rig.WaitForEvent();
            }
        }
    }

    [ConformanceCase]
    public static void Turns_that_may_wait_are_counted(Rig rig)
    {
        long before = rig.Driver.Statistics.Waits;
        for (int i = 0; i < 10; i++)
        {
            rig.Turn(Millisecond / 100);
            rig.Turn(0);
        }

        Assert.Equal(10, rig.Driver.Statistics.Waits - before);
    }
}
