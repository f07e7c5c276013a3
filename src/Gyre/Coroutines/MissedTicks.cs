namespace Gyre;

/// <summary>What an <see cref="Interval"/> does when its flow came too late for a tick.</summary>
public enum MissedTicks
{
    /// <summary>The missed ticks follow at once, one after another, until the flow has caught up: each tick is seen.</summary>
    Burst,

    /// <summary>One late tick, and the next a whole period after that: no two are ever closer together than a period.</summary>
    Delay,

    /// <summary>One late tick, and the next at the next multiple of the period: ticks keep their phase, and missed ones are counted.</summary>
    Skip,
}
