namespace Gyre.Diagnostics;

/// <summary>What opened a scope.</summary>
public enum ScopeKind
{
    /// <summary>The loop itself: its root scope.</summary>
    Loop,

    /// <summary>A coroutine: the root scope of its flows.</summary>
    Coroutine,

    /// <summary>A task group.</summary>
    Group,

    /// <summary>A cancel scope.</summary>
    Scope,
}
