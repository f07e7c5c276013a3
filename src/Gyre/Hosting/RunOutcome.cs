namespace Gyre;

/// <summary>How a run ended when it didn't throw.</summary>
public enum RunOutcome
{
    /// <summary>The main coroutine returned.</summary>
    Completed,

    /// <summary>A signal cancelled the main coroutine, and it ended with that cancellation.</summary>
    Interrupted,
}
