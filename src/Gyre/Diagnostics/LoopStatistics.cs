namespace Gyre.Diagnostics;

/// <summary>Counts of one event loop since it was made.</summary>
public readonly record struct LoopStatistics
{
    /// <summary>Iterations begun.</summary>
    public long Turns { get; init; }

    /// <summary>Pieces of ready work run: continuations and callbacks.</summary>
    public long ReadyRun { get; init; }

    /// <summary>Pieces of ready work that wait for the next turn now.</summary>
    public int ReadyWaiting { get; init; }

    /// <summary>Items that other threads posted to this loop.</summary>
    public long PostedFromOtherThreads { get; init; }

    /// <summary>Completions that the driver delivered.</summary>
    public long Completions { get; init; }

    /// <summary>System calls that the driver made to submit, wait and move bytes; 0 for a driver that can't count them.</summary>
    public long SystemCalls { get; init; }

    /// <summary>Turns that waited for the driver.</summary>
    public long WaitingTurns { get; init; }

    /// <summary>Timers pending now.</summary>
    public int TimersPending { get; init; }

    /// <summary>Timers that have fired.</summary>
    public long TimersFired { get; init; }

    /// <summary>How late the latest timer was when it ran, at worst so far.</summary>
    public TimeSpan TimerLagMax { get; init; }

    /// <summary>Blocking waits on the loop's thread that passed because others ended them, short ones included.</summary>
    public long BlockingWaits { get; init; }

    /// <summary>Blocks of buffer memory handed out and not yet returned.</summary>
    public int BuffersRented { get; init; }
}
