namespace Gyre.Tests.Drivers;

/// <summary>Tests that count the descriptors of the process: nothing else may run beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class DescriptorCollection
{
    public const string Name = "counts descriptors";
}
