namespace Gyre;

/// <summary>A tick of an <see cref="Interval"/>.</summary>
/// <param name="Due">When it was due, on the clock of <see cref="EventLoop.Time"/>.</param>
/// <param name="Missed">Ticks that were left out between the one before and this one.</param>
public readonly record struct IntervalTick(TimeSpan Due, long Missed);
