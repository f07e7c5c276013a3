using System.Diagnostics;

namespace Gyre.Loop;

/// <summary>The threads that take turns with a loop's own, and those of them that are idle and kept for the next piece of work.</summary>
/// <remarks>Used by the holder of the baton, except <see cref="OnEnded"/>.</remarks>
[DebuggerDisplay("{Count} threads, {_idle.Count} idle")]
internal sealed class BatonThreads(EventLoop loop)
{
    /// <summary>Starting a thread takes some 100 µs, an idle one 18 KB: enough of them for a server's blocking corners.</summary>
    private const int IdleMax = 32;

    private readonly Stack<BatonThread> _idle = new();
    private readonly HashSet<BatonThread> _all = [];
    private int _made;

    /// <summary>Threads that exist, idle ones included.</summary>
    public int Count
    {
        get
        {
            lock (_all)
            {
                return _all.Count;
            }
        }
    }

    public BatonThread Rent()
    {
        if (_idle.TryPop(out BatonThread? thread))
        {
            return thread;
        }

        thread = new BatonThread(loop, this, ++_made);
        lock (_all)
        {
            _all.Add(thread);
        }

        return thread;
    }

    /// <summary>Whether the thread, whose work is over, is to wait for more.</summary>
    public bool TryKeep(BatonThread thread)
    {
        if (_idle.Count == IdleMax)
        {
            return false;
        }

        _idle.Push(thread);
        return true;
    }

    /// <summary>Any thread: one that outlived its loop says so whenever it gets there.</summary>
    public void OnEnded(BatonThread thread)
    {
        lock (_all)
        {
            _all.Remove(thread);
        }
    }

    /// <summary>The loop has ended; nobody will pass the baton any more.</summary>
    public void GiveUpAll()
    {
        BatonThread[] left;
        lock (_all)
        {
            left = [.. _all];
        }

        foreach (BatonThread thread in left)
        {
            thread.GiveUp();
        }
    }
}
