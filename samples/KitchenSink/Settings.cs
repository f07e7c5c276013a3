namespace Gyre.Samples.KitchenSink;

/// <summary>What the command line asks for.</summary>
internal sealed record Settings
{
    public required string Url { get; init; }

    public int? HttpsPort { get; init; }

    public string? CertificateFile { get; init; }

    public string? Root { get; init; }

    public bool SmallLimits { get; init; }

    public string? HandOverPath { get; init; }

    public bool TakesInheritedListeners { get; init; }

    public bool AccessLog { get; init; }
}
