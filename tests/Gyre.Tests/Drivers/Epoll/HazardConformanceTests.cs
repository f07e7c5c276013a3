using Gyre.Conformance;
using Gyre.Interop.Linux;

namespace Gyre.Tests.Drivers.Epoll;

/// <summary>The whole conformance kit once more on kernels that interrupt one call in three, or lack the precise wait.</summary>
[Collection(DescriptorCollection.Name)]
public sealed class HazardConformanceTests
{
    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (string world in EpollWorlds.Names)
            {
                foreach (ConformanceCase one in ConformanceKit.Cases.Where(one => !one.UsesUpDescriptors && IsMeant(world, one)))
                {
                    pairs.Add(world, one.Name);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void The_contract_holds(string world, string conformanceCase)
    {
        EpollWorlds.Require();
        try
        {
            ConformanceKit.Run(EpollWorlds.Open(world), ConformanceKit.Cases.Single(one => one.Name == conformanceCase));
        }
        finally
        {
            SystemCallFault.Inject(null);
        }
    }

    /// <summary>A kernel that interrupts one wait in three can't wait long; how often a wait ends early is looked at elsewhere.</summary>
    private static bool IsMeant(string world, ConformanceCase one) =>
        world != EpollWorlds.Interrupted ||
        !(one.Name.Contains("ends at its time", StringComparison.Ordinal) || one.Name.Contains("coalesce", StringComparison.Ordinal) ||
          one.Name.Contains("without time", StringComparison.Ordinal) || one.Name.StartsWith("Wake:", StringComparison.Ordinal));
}
