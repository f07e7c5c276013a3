namespace Gyre.Samples.Listings;

/// <summary>What somebody waits to do.</summary>
public enum IoKind
{
    /// <summary>Something has arrived and can be read.</summary>
    Read,

    /// <summary>There is room to write.</summary>
    Write,
}
