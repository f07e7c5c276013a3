using Gyre.Diagnostics;

namespace Gyre.Loop;

/// <summary>A flow's pending wait, as its scope sees it: a link in a list, something to abort, something to describe.</summary>
public abstract class ParkedWait
{
    internal ParkedWait? NextInScope;
    internal ParkedWait? PreviousInScope;

    /// <summary>The scope whose flow waits; null while none does.</summary>
    internal ScopeContext? Context;

    /// <summary>
    /// What runs when the wait is over, what it is given, and whether its context is to be current then, as in <see cref="ReadyItem"/>: fields, so that a
    /// wait goes through the ready queue as itself.
    /// </summary>
    internal Action<object?>? Callback;

    /// <inheritdoc cref="Callback"/>
    internal object? State;

    /// <inheritdoc cref="Callback"/>
    internal bool RestoreContext;

    private protected ParkedWait()
    {
    }

    /// <summary>What is waited for.</summary>
    internal abstract WaitDescription Description { get; }

    /// <summary>What runs when the wait ends: usually the state machine of an async method; null before it is awaited.</summary>
    internal abstract object? Continuation { get; }

    /// <summary>The scope of the wait was cancelled. The wait ends now, or as soon as the kernel has let go of its buffers.</summary>
    /// <param name="parkedIn">The scope whose wait it was when the cancellation began; a wait that has ended since and is parked
    /// elsewhere is left alone.</param>
    /// <param name="cancelled">The scope that was cancelled: this one, or one around it.</param>
    internal abstract void AbortByScope(ScopeContext parkedIn, ScopeContext cancelled);
}
