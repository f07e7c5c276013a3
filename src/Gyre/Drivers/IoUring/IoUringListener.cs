using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gyre.Interop.Linux;

namespace Gyre.Drivers.IoUring;

/// <summary>A listening socket with one accept in the ring: a multishot one, which takes all that is queued, or one for each connection.</summary>
[DebuggerDisplay("listener fd = {_fd}, accepting = {_accepting}")]
internal sealed class IoUringListener : DriverListener, IIoUringTarget
{
    /// <summary>More than a system queues by default (net.core.somaxconn).</summary>
    private const int QueuedMax = 4096;

    private readonly IoUringDriver _driver;
    private readonly int _fd;
    private readonly bool _acceptsOneByOne;

    /// <summary>Whether another process or loop may accept from the same socket.</summary>
    private bool _isShared;
    private IAcceptHandler? _handler;
    private OperationKind _underWay;
    private bool _accepting;
    private bool _stopping;
    private bool _closing;

    public IoUringListener(IoUringDriver driver, int fd, bool acceptsOneByOne, bool isShared)
    {
        _acceptsOneByOne = acceptsOneByOne;
        _isShared = isShared;
        _driver = driver;
        _fd = fd;
        LocalEndPoint = SocketSetup.LocalEndPoint(fd)!;
        driver.AddTarget(this);
    }

    public override IPEndPoint LocalEndPoint { get; }

    public int Slot { get; set; } = -1;

    public uint Generation { get; set; }

    public override void StartAccept(IAcceptHandler handler)
    {
        Debug.Assert(!_accepting && !_closing, "The listener accepts already, or is closed.");
        _handler = handler;
        Arm();
    }

    public override void StopAccept()
    {
        if (_accepting && !_stopping)
        {
            _stopping = true;
            _driver.Cancel(this, _underWay);
        }
    }

    public override ListenerHandle DuplicateHandle(string name)
    {
        var handle = new ListenerHandle(SocketSetup.Duplicate(_fd, LocalEndPoint), name);
        _isShared = true;
        return handle;
    }

    public override void Close()
    {
        if (_closing)
        {
            return;
        }

        _closing = true;
        if (_accepting)
        {
            _driver.Cancel(this, _underWay);
        }
        else
        {
            PushClose();
        }
    }

    public void CloseAtDisposal() => Libc.Close(_fd);

    public void Complete(OperationKind kind, int result, uint flags, bool last)
    {
        if (kind == OperationKind.Close)
        {
            FinishClose(result);
            return;
        }

        if (kind == OperationKind.Accept && result >= 0)
        {
            Accepted(result);
        }

        if (last)
        {
            _accepting = false;
            AcceptEnded(kind, result);
        }
    }

    private void Accepted(int fd)
    {
        if (_closing)
        {
            Libc.Close(fd);
            return;
        }

        _handler!.OnAccepted(new IoUringConnection(_driver, fd));
    }

    private void AcceptEnded(OperationKind kind, int result)
    {
        if (_closing)
        {
            PushClose();
        }
        else if (_stopping)
        {
            _stopping = false;
            if (_isShared)
            {
                TakeWhatIsQueued();
            }

            _handler!.OnAcceptEnded(SocketError.OperationAborted);
        }
        else if (result < 0 && (Errno.IsExhaustion(-result) || -result is Errno.EBADF or Errno.EINVAL or Errno.EOPNOTSUPP))
        {
            _handler!.OnAcceptEnded(Errno.ToSocketError(-result));
        }
        else if (kind == OperationKind.Accept && result == -Errno.EAGAIN)
        {
            WaitUntilAcceptable();
        }
        else
        {
            // There is something to accept, a peer that gave up in the queue (ECONNABORTED), or the kernel ended the multishot: go on.
            Arm();
        }
    }

    /// <summary>
    /// The kernel tells one waiter of a socket that there is something to accept, and when that was the accept which has just been cancelled it
    /// told nobody: the connection, and those behind it, would wait until another one comes. From here on it tells somebody else.
    /// </summary>
    private void TakeWhatIsQueued()
    {
        // Left so, because whoever shares the socket may rely on it; and an accept of the ring's answers it by waiting for readiness.
        Libc.SetNonBlocking(_fd, on: true);
        int result = 0;
        int calls = 1;
        while (result != -Errno.EAGAIN && calls <= QueuedMax)
        {
            result = Libc.Accept(_fd, Libc.SOCK_CLOEXEC);
            calls++;
            if (result >= 0)
            {
                Accepted(result);
            }
            else if (Errno.IsExhaustion(-result) || -result is Errno.EBADF or Errno.EINVAL or Errno.EOPNOTSUPP)
            {
                break;
            }
        }

        _driver.CountCalls(calls);
    }

    private void Arm()
    {
        _accepting = true;
        _underWay = OperationKind.Accept;
        var entry = new SubmissionEntry
        {
            Opcode = IoUringAbi.OpAccept,
            Fd = _fd,
            IoPriority = _acceptsOneByOne ? (ushort)0 : IoUringAbi.AcceptMultishot,
            OperationFlags = Libc.SOCK_CLOEXEC,
        };
        _driver.Push(this, OperationKind.Accept, ref entry);
    }

    /// <summary>
    /// On a non-blocking socket, which one that is shared may be at any time, a kernel may answer at once that nothing is
    /// there instead of waiting by itself; to ask again at once would spin.
    /// </summary>
    private void WaitUntilAcceptable()
    {
        _accepting = true;
        _underWay = OperationKind.Poll;
        var entry = new SubmissionEntry { Opcode = IoUringAbi.OpPollAdd, Fd = _fd, OperationFlags = Libc.EPOLLIN };
        _driver.Push(this, OperationKind.Poll, ref entry);
    }

    private void PushClose()
    {
        var entry = new SubmissionEntry { Opcode = IoUringAbi.OpClose, Fd = _fd };
        _driver.Push(this, OperationKind.Close, ref entry);
    }

    private void FinishClose(int result)
    {
        if (result < 0)
        {
            Libc.Close(_fd);
        }

        _driver.RemoveTarget(this);
        _handler?.OnListenerClosed();
    }
}
