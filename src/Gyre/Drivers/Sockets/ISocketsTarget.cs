namespace Gyre.Drivers.Sockets;

/// <summary>
/// Something that the driver calls back on the loop's thread: for completions, and for what it gathered or left unfinished.
/// </summary>
internal interface ISocketsTarget
{
    /// <summary>Place in the driver's list of what is open; -1 when not in it. Written by the driver alone.</summary>
    int Index { get; set; }

    /// <summary>Whether it waits for <see cref="RunGathered"/>. Set by gathering, cleared right before the call.</summary>
    bool IsGathered { get; set; }

    /// <summary>Takes the completion of an operation that was under way; its outcome is in the operation.</summary>
    void Complete(SocketsOperation operation);

    /// <summary>Does what was gathered: hands work to the system, or delivers an outcome that is known already.</summary>
    void RunGathered();

    /// <summary>Goes on with what waits for the next turn.</summary>
    void Continue();

    /// <summary>Closes the socket at once; called when the driver is disposed.</summary>
    void CloseAtDisposal();
}
