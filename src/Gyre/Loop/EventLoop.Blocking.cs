namespace Gyre;

public sealed partial class EventLoop
{
    private long _blockingWaits;

    internal void CountBlockingWait() => _blockingWaits++;
}
