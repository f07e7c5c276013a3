using Gyre.Interop.Linux;

namespace Gyre.Drivers.IoUring;

/// <summary>An eventfd whose pending poll in the ring lets other threads end a wait.</summary>
internal sealed class WakeTarget(IoUringDriver driver, int eventFd) : IIoUringTarget
{
    public int Slot { get; set; } = -1;

    public uint Generation { get; set; }

    /// <summary>Any thread. A full counter means that a wake is under way already.</summary>
    public void Signal() => Libc.SignalEventFd(eventFd);

    public void Arm()
    {
        var entry = new SubmissionEntry { Opcode = IoUringAbi.OpPollAdd, Fd = eventFd, OperationFlags = Libc.EPOLLIN };
        driver.Push(this, OperationKind.Wake, ref entry);
    }

    public void CloseAtDisposal() => Libc.Close(eventFd);

    public void Complete(OperationKind kind, int result, uint flags, bool last)
    {
        Libc.DrainEventFd(eventFd);
        driver.CountCall();
        Arm();
    }
}
