namespace Gyre;

/// <summary>What becomes of the futures that a combinator no longer needs.</summary>
public enum Losers
{
    /// <summary>They go on, and nothing refers to them any more; a failure of theirs is their own scope's.</summary>
    LeaveAlone,

    /// <summary>They are cancelled.</summary>
    Cancel,
}
