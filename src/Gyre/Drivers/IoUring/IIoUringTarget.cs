namespace Gyre.Drivers.IoUring;

/// <summary>Something whose operations are in the ring: it has a slot in the driver's table, and gets its completions by it.</summary>
internal interface IIoUringTarget
{
    /// <summary>Place in the driver's table; -1 when not in it. Written by the driver alone.</summary>
    int Slot { get; set; }

    /// <summary>Tells the present owner of the slot from earlier ones; a completion with another generation is stale.</summary>
    uint Generation { get; set; }

    /// <summary>Takes a completion; when <paramref name="last"/>, none of that operation follows.</summary>
    void Complete(OperationKind kind, int result, uint flags, bool last);

    /// <summary>Closes the descriptor at once; called when the driver is disposed and the ring is idle.</summary>
    void CloseAtDisposal();
}
