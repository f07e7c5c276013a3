using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gyre.Interop.Linux;

namespace Gyre.Drivers.Epoll;

/// <summary>
/// One wait for the readiness of a descriptor. The handle is referenced until it ends, so its number can't be reused meanwhile.
/// </summary>
[DebuggerDisplay("{_kind} of {_handle}, ended = {_ended}")]
internal sealed class EpollReadiness(EpollWatch watch, SafeHandle handle, ReadinessKind kind, IReadinessHandler handler)
    : DriverOperation
{
    private readonly SafeHandle _handle = handle;
    private readonly ReadinessKind _kind = kind;
    private bool _ended;

    /// <summary>Whether an early end was asked for.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>What to register for it.</summary>
    public uint Interest => _kind == ReadinessKind.Readable ? Libc.EPOLLIN | Libc.EPOLLRDHUP : Libc.EPOLLOUT;

    /// <summary>Whether an event ends it: a hang-up and an error do too, because an operation would report them.</summary>
    public bool IsSatisfiedBy(uint mask) => (mask & (Interest | Libc.EPOLLHUP | Libc.EPOLLERR)) != 0;

    public override void Cancel()
    {
        if (!_ended)
        {
            IsCancelled = true;
            watch.RunLater();
        }
    }

    /// <summary>Lets go of the handle and tells the outcome. The watch must be done with the descriptor for it.</summary>
    public void End(SocketError outcome)
    {
        Release();
        handler.OnReady(outcome);
    }

    /// <summary>Lets go of the handle without telling anybody.</summary>
    public void Release()
    {
        _ended = true;
        _handle.DangerousRelease();
    }
}
