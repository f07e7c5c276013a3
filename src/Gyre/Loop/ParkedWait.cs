using Gyre.Diagnostics;

namespace Gyre.Loop;

/// <summary>A flow's pending wait, as its scope sees it: a link in a list, something to abort, something to describe.</summary>
public abstract class ParkedWait
{
    internal ParkedWait? NextInScope;
    internal ParkedWait? PreviousInScope;

    private protected ParkedWait()
    {
    }

    /// <summary>What is waited for.</summary>
    internal abstract WaitDescription Description { get; }

    /// <summary>The scope of the wait was cancelled. The wait ends now, or as soon as the kernel has let go of its buffers.</summary>
    internal abstract void AbortByScope(ScopeContext cancelled);
}
