using Gyre.Conformance;
using Gyre.Interop.Linux;

namespace Gyre.Tests.Drivers.IoUring;

/// <summary>
/// The whole conformance kit once more on rings so small, and kernels so moody, that every hazard happens all the time:
/// full submission queue, overflowing completion queue, exhausted buffer ring, multishots that end, EINTR, EAGAIN, EBUSY.
/// </summary>
[Collection(DescriptorCollection.Name)]
public sealed class HazardConformanceTests
{
    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (string world in IoUringWorlds.Names)
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
        IoUringWorlds.Require();
        try
        {
            ConformanceKit.Run(IoUringWorlds.Open(world), ConformanceKit.Cases.Single(one => one.Name == conformanceCase));
        }
        finally
        {
            SystemCallFault.Inject(null);
        }
    }

    /// <summary>A kernel that interrupts every third wait can't wait long; how often a wait ends early is looked at elsewhere.</summary>
    private static bool IsMeant(string world, ConformanceCase one) =>
        world is not (IoUringWorlds.Interrupted or IoUringWorlds.Busy) ||
        !(one.Name.Contains("ends at its time", StringComparison.Ordinal) || one.Name.Contains("coalesce", StringComparison.Ordinal) ||
          one.Name.Contains("without time", StringComparison.Ordinal) || one.Name.StartsWith("Wake:", StringComparison.Ordinal));
}
