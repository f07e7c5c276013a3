using Gyre.Channels;
using Xunit;

namespace Gyre.Simulation.Tests;

/// <summary>Ticks, and the timers of selects, at virtual times.</summary>
public sealed class IntervalTests
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(300);

    /// <summary>After the ticks of 300 and 600 the flow works until 1250, so that 900 is late and 1200 too.</summary>
    [Theory]
    [InlineData(MissedTicks.Burst, new[] { 300, 600, 900, 1200, 1500, 1800 }, new[] { 300, 600, 1250, 1250, 1500, 1800 }, 0)]
    [InlineData(MissedTicks.Delay, new[] { 300, 600, 900, 1550, 1850, 2150 }, new[] { 300, 600, 1250, 1550, 1850, 2150 }, 1)]
    [InlineData(MissedTicks.Skip, new[] { 300, 600, 900, 1500, 1800, 2100 }, new[] { 300, 600, 1250, 1500, 1800, 2100 }, 1)]
    public void Missed_ticks_follow_the_policy_and_each_tick_says_when_it_was_due(MissedTicks missed, int[] due, int[] seen, long missedAtThird)
    {
        var dueSeen = new List<int>();
        var at = new List<int>();
        var counts = new List<long>();
        SimulatedRuntime.Run(1, async () =>
        {
            var interval = new Interval(s_period, missed);
            TimeSpan start = EventLoop.Current.Time;
            for (int i = 0; i < 6; i++)
            {
                IntervalTick tick = await interval.TickAsync();
                dueSeen.Add((int)Math.Round((tick.Due - start).TotalMilliseconds));
                at.Add((int)Math.Round((EventLoop.Current.Time - start).TotalMilliseconds));
                counts.Add(tick.Missed);
                if (i == 1)
                {
                    await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(650));
                }
            }
        });
        Assert.Equal(due, dueSeen);
        Assert.Equal(seen, at);
        Assert.Equal(missedAtThird, counts[2]);
        Assert.Equal(missedAtThird, counts.Sum());
    }

    [Fact]
    public void A_cancelled_wait_takes_no_tick_and_a_reset_puts_the_next_a_period_away()
    {
        var at = new List<double>();
        SimulatedRuntime.Run(1, async () =>
        {
            var interval = new Interval(s_period);
            TimeSpan start = EventLoop.Current.Time;
            await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(100), async _ => await interval.TickAsync());
            await interval.TickAsync();
            at.Add((EventLoop.Current.Time - start).TotalMilliseconds);
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(200));
            interval.Reset();
            await foreach (IntervalTick tick in interval)
            {
                at.Add((EventLoop.Current.Time - start).TotalMilliseconds);
                if (at.Count == 3)
                {
                    break;
                }
            }
        });
        Assert.Equal([300, 800, 1100], at.Select(static each => Math.Round(each)));
    }

    [Fact]
    public void Nonsense_is_refused_and_only_one_flow_waits_at_a_time() => SimulatedRuntime.Run(1, () => TaskGroup.RunAsync(async group =>
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => new Interval(TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new Interval(Timeout.InfiniteTimeSpan));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new Interval(s_period, (MissedTicks)9));
        var interval = new Interval(TimeSpan.MaxValue);
        group.SpawnNow(async () => await interval.TickAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await interval.TickAsync());
        Assert.Throws<InvalidOperationException>(interval.Reset);
        group.Cancel();
    }));

    [Fact]
    public void An_overdue_burst_lets_peers_run()
    {
        int ticks = 0;
        int ticksAtPeersTurn = -1;
        SimulatedRuntime.Run(1, async () =>
        {
            var interval = new Interval(TimeSpan.FromMilliseconds(1), MissedTicks.Burst);
            await Coroutine.SleepAsync(TimeSpan.FromHours(1));
            EventLoop.Current.Post(() => ticksAtPeersTurn = ticks);
            while (ticksAtPeersTurn < 0)
            {
                await interval.TickAsync();
                Assert.InRange(++ticks, 0, 100_000);
            }
        });
        Assert.InRange(ticksAtPeersTurn, 1, 1000);
    }

    [Fact]
    public void The_timer_of_a_select_counts_from_each_wait_and_is_taken_back_when_another_case_was_first()
    {
        var order = new List<string>();
        SimulatedRuntime.Run(1, () => TaskGroup.RunAsync(async group =>
        {
            LoopChannel<int> channel = LoopChannel.CreateRendezvous<int>();
            group.Spawn(async () =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromSeconds(4));
                await channel.Writer.WriteAsync(1);
            });
            var select = new Select();
            SelectReceive<int> received = select.Receive(channel.Reader);
            SelectAfter timeout = select.After(TimeSpan.FromSeconds(5));
            TimeSpan start = EventLoop.Current.Time;
            for (int i = 0; i < 2; i++)
            {
                SelectCase taken = await select.WaitAsync();
                order.Add($"{(taken == received ? "item" : "timeout")} at {Math.Round((EventLoop.Current.Time - start).TotalSeconds)}");
            }

            timeout.Delay = TimeSpan.Zero;
            Assert.Same(timeout, await select.WaitAsync());
            timeout.Delay = Timeout.InfiniteTimeSpan;
            Assert.Null(select.TryTake());
            Assert.Equal(0, EventLoop.Current.Statistics.TimersPending);
        }));
        Assert.Equal(["item at 4", "timeout at 9"], order);
    }
}
