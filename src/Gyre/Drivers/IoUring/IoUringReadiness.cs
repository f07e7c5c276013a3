using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gyre.Interop.Linux;

namespace Gyre.Drivers.IoUring;

/// <summary>A one-shot poll in the ring. The handle is referenced until it ends, so its number can't be reused meanwhile.</summary>
[DebuggerDisplay("poll of {_handle}")]
internal sealed class IoUringReadiness(IoUringDriver driver, SafeHandle handle, IReadinessHandler handler)
    : DriverOperation, IIoUringTarget
{
    private readonly SafeHandle _handle = handle;
    private bool _ended;

    public int Slot { get; set; } = -1;

    public uint Generation { get; set; }

    public void Start(ReadinessKind kind)
    {
        bool referenced = false;
        _handle.DangerousAddRef(ref referenced);
        driver.AddTarget(this);
        var entry = new SubmissionEntry
        {
            Opcode = IoUringAbi.OpPollAdd,
            Fd = (int)_handle.DangerousGetHandle(),
            OperationFlags = kind == ReadinessKind.Readable ? Libc.EPOLLIN | Libc.EPOLLRDHUP : Libc.EPOLLOUT,
        };
        driver.Push(this, OperationKind.Poll, ref entry);
    }

    public override void Cancel()
    {
        if (!_ended)
        {
            driver.Cancel(this, OperationKind.Poll);
        }
    }

    public void Complete(OperationKind kind, int result, uint flags, bool last)
    {
        _ended = true;
        driver.RemoveTarget(this);
        _handle.DangerousRelease();
        handler.OnReady(result < 0 ? Errno.ToSocketError(-result) : SocketError.Success);
    }

    public void CloseAtDisposal()
    {
        if (!_ended)
        {
            _handle.DangerousRelease();
        }
    }
}
