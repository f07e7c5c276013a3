namespace Gyre.Simulation;

/// <summary>How a simulation runs. Equal options and an equal program give an equal run.</summary>
public sealed record SimulationOptions
{
    /// <summary>Decides everything that chance decides: order of ready work, order of events, where a stream is split. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary>The wall clock at the start; default the first instant of the year 2000, UTC.</summary>
    public DateTimeOffset StartTime { get; init; } = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Bytes that one direction of a connection holds between sender and receiver; default 64 KiB. A sender waits when it is
    /// full. Smaller makes back-pressure come sooner.
    /// </summary>
    public int SocketBufferBytes { get; init; } = 64 * 1024;

    /// <summary>Bytes of one receive buffer, the most that arrives at once; default 4 KiB. 1 delivers every byte by itself.</summary>
    public int ReceiveBufferBytes { get; init; } = 4096;

    /// <summary>Receive buffers of a driver; default 64. When consumers hold more than half, each further one is scarce.</summary>
    public int ReceiveBufferCount { get; init; } = 64;

    /// <summary>Whether ready work is shuffled, too; default true. False runs it first-in first-out, as a real driver does.</summary>
    public bool ShuffleReady { get; init; } = true;

    /// <summary>Takes one line for each event that a driver delivers, with its virtual time; null, the default, for none.</summary>
    public Action<string>? Trace { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(SocketBufferBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReceiveBufferBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReceiveBufferCount, 1);
    }
}
