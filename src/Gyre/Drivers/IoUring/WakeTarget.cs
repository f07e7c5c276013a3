using Gyre.Interop.Linux;

namespace Gyre.Drivers.IoUring;

/// <summary>An eventfd whose pending poll in the ring lets other threads end a wait.</summary>
internal sealed class WakeTarget(IoUringDriver driver, WakeEvent wakeEvent) : IIoUringTarget
{
    public int Slot { get; set; } = -1;

    public uint Generation { get; set; }

    /// <summary>Any thread.</summary>
    public void Signal() => wakeEvent.Signal();

    public void Arm()
    {
        var entry = new SubmissionEntry { Opcode = IoUringAbi.OpPollAdd, Fd = wakeEvent.Fd, OperationFlags = Libc.EPOLLIN };
        driver.Push(this, OperationKind.Wake, ref entry);
    }

    public void CloseAtDisposal() => wakeEvent.Close();

    public void Complete(OperationKind kind, int result, uint flags, bool last)
    {
        Libc.DrainEventFd(wakeEvent.Fd);
        wakeEvent.Clear();
        driver.CountCall();
        Arm();
    }
}
