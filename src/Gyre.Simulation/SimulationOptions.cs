namespace Gyre.Simulation;

/// <summary>What a simulated world is like.</summary>
public sealed record SimulationOptions
{
    /// <summary>Decides every order that the real world would leave open; the same seed replays the same run. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The wall clock at the start. Default 2026-01-01 00:00 UTC.</summary>
    public DateTimeOffset StartTime { get; init; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Bytes that a connection takes before its reader must make room; default 64 KiB. Smaller finds back-pressure bugs sooner.</summary>
    public int SocketBufferBytes { get; init; } = 64 * 1024;

    /// <summary>The most bytes that one receive event carries; default 4 KiB. Each carries a random part of it, by the seed.</summary>
    public int SegmentBytesMax { get; init; } = 4096;

    /// <summary>
    /// How long to wait, in real time, for another thread to wake a world in which nothing can happen any more, before
    /// <see cref="SimulationDeadlockException"/>; default 1 s. The wait ends at once when a foreign task comes home.
    /// </summary>
    public TimeSpan DeadlockPatience { get; init; } = TimeSpan.FromSeconds(1);
}
