using System.Diagnostics;

namespace Gyre.Time;

/// <summary>Something that a <see cref="TimerQueue"/> calls at a deadline; the queue keeps its place in it.</summary>
[DebuggerDisplay("deadline = {Deadline}, queued = {IsQueued}")]
internal abstract class TimerEntry
{
    /// <summary>Place in the heap, or -1 when not queued. Written by the queue alone.</summary>
    internal int HeapIndex = -1;

    /// <summary>Whether the entry waits for its deadline.</summary>
    public bool IsQueued => HeapIndex >= 0;

    /// <summary>Called on the loop's thread once the deadline has passed and the entry has left the queue.</summary>
    protected internal abstract void OnDue();
}
