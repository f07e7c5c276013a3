using Gyre.Diagnostics;

namespace Gyre;

public sealed partial class EventLoop
{
    /// <summary>Where the loop writes the few lines that it has to say unasked. Set once by whoever made it.</summary>
    internal Action<string> Report { get; set; } = static _ => { };

    /// <summary>Who owns coroutines that are spawned into the loop itself; the runner of the loop.</summary>
    internal object? RunOwner { get; set; }

    /// <summary>The group that the loop runs in; typed by the room that makes groups.</summary>
    internal object? Group { get; set; }

    /// <summary>Foreign tasks that its flows wait for; typed by the room that follows them.</summary>
    internal object? FollowedTasks { get; set; }

    /// <summary>How much the loop offloads at a time; typed by the room that offloads.</summary>
    internal object? OffloadLimiter { get; set; }

    /// <summary>Connections that were closed and still send what was flushed. The run doesn't end before them, within its grace.</summary>
    internal int LingeringCloses { get; set; }

    /// <summary>A coroutine ended while flows that it started and didn't await still wait; they go on under the scope around it.</summary>
    internal void ReportLeftoverFlows(CoroutineNode ended)
    {
        var waits = new List<WaitDescription>();
        ended.CollectWaits(waits);
        Report($"gyre: {ended} of loop '{Name}' ended without awaiting {waits.Count} of its flows: {string.Join(", ", waits)}; " +
            "they were adopted by the scope around it.");
    }
}
