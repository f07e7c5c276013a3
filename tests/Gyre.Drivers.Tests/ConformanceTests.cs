using Gyre.Conformance;
using Xunit;

namespace Gyre.Drivers.Tests;

/// <summary>The conformance kit, one text, on every driver.</summary>
public sealed class ConformanceTests
{
    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (DriverUnderTest driver in DriverTable.OfThisRun)
            {
                foreach (ConformanceCase one in ConformanceKit.Cases.Where(static one => !one.UsesUpDescriptors))
                {
                    pairs.Add(driver.Name, one.Name);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void The_contract_holds(string driver, string conformanceCase) =>
        ConformanceKit.Run(DriverTable.Get(driver), ConformanceKit.Cases.Single(one => one.Name == conformanceCase));
}
