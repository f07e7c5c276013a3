using Gyre.Loop;

namespace Gyre;

public sealed partial class EventLoop
{
    private BatonThreads? _batons;

    /// <summary>The threads that take turns with the loop's own; made when first asked for, by the holder of the baton.</summary>
    internal BatonThreads Batons => _batons ??= new BatonThreads(this);

    /// <summary>From now on the calling thread may be run by <paramref name="loop"/>.</summary>
    internal static void EnterThread(EventLoop loop) => t_current = loop;

    /// <summary>The calling thread is run by no loop any more.</summary>
    internal static void LeaveThread() => t_current = null;
}
