namespace Gyre.Diagnostics;

/// <summary>What sort of thing a coroutine waits for.</summary>
public enum WaitKind
{
    /// <summary>Nothing: the coroutine runs, is ready to run, or awaits a task that Gyre doesn't own.</summary>
    None,

    /// <summary>Its turn: it gave way to its peers.</summary>
    Turn,

    /// <summary>A timer.</summary>
    Timer,

    /// <summary>Bytes from a connection or stream.</summary>
    Receive,

    /// <summary>Room to send more on a connection or stream.</summary>
    Send,

    /// <summary>An incoming connection.</summary>
    Accept,

    /// <summary>An outgoing connection to be made.</summary>
    Connect,

    /// <summary>A descriptor to become readable or writable.</summary>
    Readiness,

    /// <summary>Another coroutine to end.</summary>
    Coroutine,

    /// <summary>A future to settle.</summary>
    Future,

    /// <summary>The children of a task group to end.</summary>
    Children,

    /// <summary>A lock, semaphore, event, condition, barrier or the like.</summary>
    Sync,

    /// <summary>An item from a channel or queue.</summary>
    ChannelRead,

    /// <summary>Room in a channel or queue, or somebody who takes the item.</summary>
    ChannelWrite,

    /// <summary>The first of several things.</summary>
    Select,

    /// <summary>Work on another thread.</summary>
    Offload,

    /// <summary>Something a program built on <c>Gyre.LowLevel</c> waits for.</summary>
    Other,
}
