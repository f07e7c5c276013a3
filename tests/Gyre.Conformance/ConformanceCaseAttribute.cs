using Gyre.Drivers;

namespace Gyre.Conformance;

/// <summary>Marks a case of the kit: a static method that takes a <see cref="Rig"/> or a <see cref="World"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ConformanceCaseAttribute : Attribute
{
    /// <summary>What a driver must be able to do for the case to make sense.</summary>
    public DriverCapabilities Needs { get; init; }

    /// <summary>Whether the case uses up the descriptors of its process, which must be one of its own with a low limit.</summary>
    public bool UsesUpDescriptors { get; init; }
}
