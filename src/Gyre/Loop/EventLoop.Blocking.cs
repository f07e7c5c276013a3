using Gyre.Loop;

namespace Gyre;

public sealed partial class EventLoop
{
    private long _blockingWaits;

    /// <summary>Whether something could run if the thread weren't blocked: ready work, posts, or a timer that is due.</summary>
    internal bool HasWorkItCannotRun =>
        _ready.Count > 0 || !_inbox.IsEmpty || (_timers.Count > 0 && _timers.NextDeadline <= _driver.GetTimestamp());

    internal void CountBlockingWait() => _blockingWaits++;

    /// <summary>What runs when the waits parked on this loop end, and what is ready to run already.</summary>
    internal IEnumerable<object> ContinuationsOfWaits()
    {
        var continuations = new List<object>();
        _root.CollectContinuations(continuations);
        _ready.CollectStates(continuations);
        foreach (ReadyItem item in _inbox)
        {
            if (item.State is not null)
            {
                continuations.Add(item.State);
            }
        }

        return continuations;
    }
}
