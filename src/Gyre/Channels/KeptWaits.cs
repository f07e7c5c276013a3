using System.Diagnostics;

namespace Gyre.Channels;

/// <summary>A wait that can stand in a stack of those kept for reuse.</summary>
internal interface IKeptWait<TWait>
    where TWait : class
{
    TWait? NextKept { get; set; }
}

/// <summary>Waits that are over and kept for reuse: as many as wait at a time in most programs; the rest is collected as garbage.</summary>
/// <remarks>The one that came last is apart from the others: a flow that waits and waits again costs one reference.</remarks>
[DebuggerDisplay("{_count} kept")]
internal struct KeptWaits<TWait>
    where TWait : class, IKeptWait<TWait>
{
    private const int CountMax = 16;

    private TWait? _last;
    private TWait? _others;
    private int _count;

    /// <summary>One that was kept; null when there is none.</summary>
    public TWait? Take()
    {
        if (_last is { } last)
        {
            _last = null;
            return last;
        }

        if (_others is not { } wait)
        {
            return null;
        }

        _others = wait.NextKept;
        _count--;
        wait.NextKept = null;
        return wait;
    }

    public void Keep(TWait wait)
    {
        if (_last is null)
        {
            _last = wait;
        }
        else if (_count < CountMax)
        {
            wait.NextKept = _others;
            _others = wait;
            _count++;
        }
    }
}
