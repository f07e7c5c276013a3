using Gyre.Http.Server;

namespace Gyre.Http.Tests.Server;

public sealed class WriteRateTests
{
    private static readonly HttpServerOptions s_options = new() { BodyGrace = TimeSpan.FromSeconds(2), BodyBytesPerSecondMin = 100 };

    [Theory]
    [InlineData(1, 0, false)]
    [InlineData(2, 0, false)]
    [InlineData(3, 99, true)]
    [InlineData(3, 100, false)]
    [InlineData(12, 999, true)]
    [InlineData(12, 1000, false)]
    public void What_was_acknowledged_since_the_first_look_counts_behind_the_grace(int seconds, long taken, bool expected)
    {
        var rate = new WriteRate();
        rate.BeginWait();

        Assert.False(rate.IsTooSlow(s_options, 5 * TimeSpan.TicksPerSecond, 1_000_000, 1));
        Assert.Equal(expected, rate.IsTooSlow(s_options, (5 + seconds) * TimeSpan.TicksPerSecond, 1_000_000 + taken, 1));
    }

    [Fact]
    public void Another_wait_begins_anew()
    {
        var rate = new WriteRate();
        rate.BeginWait();
        rate.IsTooSlow(s_options, 0, 0, 1);
        rate.BeginWait();

        Assert.False(rate.IsTooSlow(s_options, 100 * TimeSpan.TicksPerSecond, 0, 1));
    }

    [Fact]
    public void Where_the_system_doesnt_tell_nobody_is_too_slow_by_this() =>
        Assert.False(new WriteRate().IsTooSlow(s_options, 100 * TimeSpan.TicksPerSecond, null, null));

    [Fact]
    public void A_peer_that_took_all_it_was_given_is_never_too_slow_and_its_grace_begins_with_the_next_bytes()
    {
        var rate = new WriteRate();
        rate.BeginWait();
        Assert.False(rate.IsTooSlow(s_options, 0, 5, 0));
        Assert.False(rate.IsTooSlow(s_options, 100 * TimeSpan.TicksPerSecond, 5, 0));
        Assert.False(rate.IsTooSlow(s_options, 101 * TimeSpan.TicksPerSecond, 5, 1));
        Assert.False(rate.IsTooSlow(s_options, 103 * TimeSpan.TicksPerSecond, 5, 1));
        Assert.True(rate.IsTooSlow(s_options, 104 * TimeSpan.TicksPerSecond, 5, 1));
    }
}
