namespace Gyre.Diagnostics;

/// <summary>One thing that a coroutine waits for.</summary>
/// <param name="Kind">The sort of wait.</param>
/// <param name="Subject">The object waited for, for example a connection; null when there is none.</param>
public readonly record struct WaitDescription(WaitKind Kind, object? Subject)
{
    /// <summary>For example <c>Receive on TcpConnection 127.0.0.1:8080 → 127.0.0.1:51344</c>.</summary>
    public override string ToString() => Subject is null ? Kind.ToString() : $"{Kind} on {Subject}";
}
