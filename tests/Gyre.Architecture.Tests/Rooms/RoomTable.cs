namespace Gyre.Architecture.Tests;

/// <summary>
/// The rooms of src/Gyre, in the order of the arrows. ARCHITECTURE.md mirrors this table; when the two differ, this one is
/// what the tests enforce.
/// </summary>
/// <remarks>
/// A room may use the rooms listed above it, and itself. A room that names <c>UsedOnlyBy</c> may be used by that room
/// alone: that is how the concrete drivers stay strangers to one another and to everybody but the composition root.
/// A file belongs to the room with the longest folder that contains it.
/// </remarks>
internal static class RoomTable
{
    public const string DriverContractFolder = "Drivers";

    public static readonly Room[] OfGyre =
    [
        new("Interop", "system calls, native structs, errno; the only P/Invoke in the solution"),
        new("Buffers", "slabs and segments, and who owns them now"),
        new("Time", "clock contract, deadlines, timer queue"),
        new("Diagnostics", "the node that every coroutine is, wait reasons, statistics records, hooks"),
        new(DriverContractFolder, "the contract that every backend obeys: submit, reap, wake, cancel"),
        new("Drivers/IoUring", "the backend over io_uring", UsedOnlyBy: "Hosting"),
        new("Drivers/Epoll", "the backend over epoll", UsedOnlyBy: "Hosting"),
        new("Drivers/Sockets", "the backend over the BCL's sockets", UsedOnlyBy: "Hosting"),
        new("Loop", "what runs next: ready queue, inbox from other threads, timers, one iteration"),
        new("LowLevel", "the few traps: park, wake, submit, current loop, coroutine and scope"),
        new("Scopes", "cancellation, deadlines, shields, ownership"),
        new("Coroutines", "futures, coroutines, task groups, generators, trampoline, awaiters, cooperative threads"),
        new("Sync", "lock, semaphore, event, condition, barrier"),
        new("Channels", "channels, select, broadcast, watch"),
        new("Offloading", "work on other threads, and its way back"),
        new("Streams", "byte-stream contracts, in-memory streams"),
        new("Net", "listeners, connections, names"),
        new("Tls", "TLS over a connection"),
        new("Files", "files and folders"),
        new("Processes", "child processes"),
        new("Hosting", "composition root and entry point: picks the driver, starts one loop per core, signals"),
    ];

    /// <summary>The rooms of src/Gyre.Http whose arrows are fixed: which rooms of their own project, and of Gyre, they may use.</summary>
    public static readonly ForeignRoom[] OfHttp =
    [
        new("Protocol", "HTTP/1.1 without IO", MayUseHere: ["Protocol"], MayUseOfGyre: ["Buffers"]),
        new("Fields", "what header fields mean, without IO", MayUseHere: ["Protocol", "Fields"], MayUseOfGyre: []),
    ];
}

/// <param name="Folder">Path below src/Gyre, with forward slashes.</param>
/// <param name="Holds">What lives there, in a phrase.</param>
/// <param name="UsedOnlyBy">The one other room that may use it; null when every room listed below may.</param>
internal sealed record Room(string Folder, string Holds, string? UsedOnlyBy = null);

/// <param name="Folder">Path below its project.</param>
/// <param name="Holds">What lives there, in a phrase.</param>
/// <param name="MayUseHere">Folders of the same project that it may use.</param>
/// <param name="MayUseOfGyre">Rooms of src/Gyre that it may use.</param>
internal sealed record ForeignRoom(string Folder, string Holds, string[] MayUseHere, string[] MayUseOfGyre);
