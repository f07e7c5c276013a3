namespace Gyre.Drivers;

/// <summary>
/// What a driver can do beyond the core of the contract. The conformance kit skips by this table alone, and tests the table.
/// </summary>
[Flags]
public enum DriverCapabilities
{
    /// <summary>The core alone.</summary>
    None = 0,

    /// <summary>Waits for the readiness of a descriptor (<see cref="Driver.StartWaitReady"/>).</summary>
    Readiness = 1 << 0,

    /// <summary>Several loops may listen on one address, and the system shares out connections (SO_REUSEPORT).</summary>
    SharedListen = 1 << 1,

    /// <summary>A connection can move to another loop (<see cref="DriverConnection.Detach"/>, <see cref="Driver.Adopt"/>).</summary>
    HandOver = 1 << 2,

    /// <summary>Runs on the machine's own network and clock; a simulated driver lacks it.</summary>
    RealWorld = 1 << 3,

    /// <summary>Counts its system calls in <see cref="DriverStatistics.SystemCalls"/>.</summary>
    CountsSystemCalls = 1 << 4,

    /// <summary>An idle connection that waits to receive holds no receive buffer.</summary>
    IdleWithoutBuffer = 1 << 5,

    /// <summary>
    /// Listens on a socket that is open already, and gives out its own to others (<see cref="Driver.AdoptListener"/>,
    /// <see cref="DriverListener.DuplicateHandle"/>), so that a listening socket can outlive a process.
    /// </summary>
    AdoptListener = 1 << 6,

    /// <summary>Sends a file's bytes without their passing through the process (<see cref="DriverConnection.StartSendFile"/>).</summary>
    SendFile = 1 << 7,
}
