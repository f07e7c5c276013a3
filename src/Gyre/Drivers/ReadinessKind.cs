namespace Gyre.Drivers;

/// <summary>What a descriptor is waited to be ready for.</summary>
public enum ReadinessKind
{
    /// <summary>A read would not block.</summary>
    Readable,

    /// <summary>A write would not block.</summary>
    Writable,
}
