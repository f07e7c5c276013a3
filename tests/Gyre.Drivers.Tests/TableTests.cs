using Gyre.Conformance;
using Xunit;

namespace Gyre.Drivers.Tests;

/// <summary>The kit itself: it has cases for everything that a driver can declare, and skips only what it says.</summary>
public sealed class TableTests
{
    [Theory]
    [InlineData(DriverCapabilities.Readiness)]
    [InlineData(DriverCapabilities.SharedListen)]
    [InlineData(DriverCapabilities.HandOver)]
    [InlineData(DriverCapabilities.RealWorld)]
    [InlineData(DriverCapabilities.CountsSystemCalls)]
    [InlineData(DriverCapabilities.IdleWithoutBuffer)]
    [InlineData(DriverCapabilities.AdoptListener)]
    [InlineData(DriverCapabilities.SendFile)]
    public void Each_capability_has_a_case(DriverCapabilities capability) =>
        Assert.Contains(ConformanceKit.Cases, one => one.Needs.HasFlag(capability));

    [Fact]
    public void Case_names_are_unique() => Assert.Distinct(ConformanceKit.Cases.Select(static one => one.Name));

    [Fact]
    public void Most_cases_run_on_every_driver()
    {
        int everywhere = ConformanceKit.Cases.Count(static one => one.Needs == DriverCapabilities.None);
        int all = ConformanceKit.Cases.Count;
        Assert.True(everywhere * 3 > all * 2, $"Only {everywhere} of {all} cases run everywhere.");
    }

    [Fact]
    public void A_case_that_a_driver_cannot_pass_is_skipped_with_the_reason()
    {
        var without = new DriverUnderTest(
            "bare", DriverCapabilities.None, static () => throw new InvalidOperationException("It must not be made."));
        ConformanceCase needy = ConformanceKit.Cases.First(static one => one.Needs.HasFlag(DriverCapabilities.Readiness));
        Exception? skipped = null;
        try
        {
            ConformanceKit.Run(without, needy);
        }
        catch (Exception reason)
        {
            // xUnit's own Throws lets a skip through, since it is meant for the runner.
            skipped = reason;
        }

        Assert.Contains("Readiness", skipped?.Message, StringComparison.Ordinal);
        Assert.IsNotType<InvalidOperationException>(skipped);
    }
}
