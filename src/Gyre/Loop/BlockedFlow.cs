using Gyre.Diagnostics;

namespace Gyre.Loop;

/// <summary>
/// Stands in the tree for a cooperative thread that blocks on something else than its loop, so that the end of the run waits
/// for it. No cancellation ends it: nobody here knows how.
/// </summary>
internal sealed class BlockedFlow(EventLoop loop) : ParkedWait
{
    private ScopeContext? _context;

    internal override WaitDescription Description => new(WaitKind.Other, "a blocking call of a cooperative thread");

    internal override object? Continuation => null;

    /// <summary>By the holder of the baton.</summary>
    public void Begin()
    {
        _context = ScopeContext.Resolve(loop);
        _context.AddWait(this);
    }

    /// <summary>The call is over; <paramref name="resume"/> runs on the loop. Any thread.</summary>
    /// <returns>False when the loop has ended, and won't.</returns>
    public bool TryComeHome(Action resume)
    {
        Action home = () =>
        {
            _context!.RemoveWait(this);
            resume();
        };
        return loop.TryPost(new ReadyItem(static home => ((Action)home!)(), home, _context!, RestoreContext: true));
    }

    internal override void AbortByScope(ScopeContext parkedIn, ScopeContext cancelled)
    {
    }
}
