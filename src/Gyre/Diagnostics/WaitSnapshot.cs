namespace Gyre.Diagnostics;

/// <summary>One wait as it was at one moment. Any thread.</summary>
/// <param name="Kind">The sort of wait.</param>
/// <param name="Subject">What was waited for, as text; null when there is nothing to say beyond the kind.</param>
public sealed record WaitSnapshot(WaitKind Kind, string? Subject)
{
    /// <summary>For example <c>Receive on TcpConnection 127.0.0.1:8080 → 127.0.0.1:51344</c>.</summary>
    public override string ToString() => Subject is null ? Kind.ToString() : $"{Kind} on {Subject}";
}
