using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gyre.Interop.Linux;

namespace Gyre.Drivers.IoUring;

/// <summary>A connection with a multishot receive and at most one send in the ring.</summary>
/// <remarks>
/// The descriptor is closed, through the ring, only when no operation of the connection is in flight: closing it earlier
/// would let the number be reused while the kernel still works on the old file.
/// </remarks>
[DebuggerDisplay("connection fd = {_fd}, {_state}, in flight = {_inFlight}")]
internal sealed unsafe partial class IoUringConnection : DriverConnection, IIoUringTarget
{
    private readonly IoUringDriver _driver;
    private readonly int _fd;
    private IConnectionHandler? _handler;

    /// <summary>What the send under way needs besides: a <see cref="SendBatch"/>, or a <see cref="FileSend"/>. One field, for size.</summary>
    private object? _carrier;
    private ReadOnlySequence<byte> _unsent;
    private State _state;
    private byte _inFlight;
    private QuietSend _quiet;

    public IoUringConnection(IoUringDriver driver, int fd)
    {
        _driver = driver;
        _fd = fd;
        driver.AddTarget(this);
    }

    [Flags]
    private enum State : byte
    {
        None = 0,

        /// <summary>A receive is in the ring. Set by arming, cleared by its last completion.</summary>
        Receiving = 1 << 0,

        /// <summary>The consumer asked for a pause. Cleared when it was told of it.</summary>
        StopRequested = 1 << 1,

        /// <summary>The stream has ended or broken: no receive may start again. Never cleared.</summary>
        ReceiveDone = 1 << 2,

        /// <summary>A send is in the ring. Cleared when all is sent or it failed.</summary>
        Sending = 1 << 3,

        /// <summary>A shutdown waits for the send before it. Cleared when it is handed over.</summary>
        ShutdownWanted = 1 << 4,

        /// <summary>Close was called. Never cleared.</summary>
        Closing = 1 << 5,

        /// <summary>The close is in the ring, or the descriptor was handed over. Never cleared.</summary>
        CloseStarted = 1 << 6,

        /// <summary>What is sent is to share its last packet with what follows. Cleared with the send.</summary>
        MoreFollows = 1 << 7,
    }

    /// <summary>Whether the send under way was handed over without asking for a completion.</summary>
    private enum QuietSend : byte
    {
        None,

        /// <summary>Handed over. Cleared by settling, or by the completion that tells of trouble.</summary>
        Pending,

        /// <summary>It told of trouble; settling passes over it once. Cleared by settling.</summary>
        Failed,
    }

    /// <summary>Where in the submission queue the quiet send went.</summary>
    public uint QuietSendPosition { get; private set; }

    /// <summary>Whether a quiet send was handed over that has neither told of trouble nor been settled.</summary>
    public bool IsQuietSendPending => _quiet == QuietSend.Pending;

    public override IPEndPoint? LocalEndPoint => SocketSetup.LocalEndPoint(_fd);

    public override long? UnacknowledgedBytes => Libc.GetUnacknowledgedBytes(_fd) is var bytes and >= 0 ? bytes : null;

    public override long? AcknowledgedBytes => Libc.GetAcknowledgedBytes(_fd) is var bytes and >= 0 ? bytes : null;

    public override IPEndPoint? RemoteEndPoint => SocketSetup.RemoteEndPoint(_fd);

    public int Slot { get; set; } = -1;

    public uint Generation { get; set; }

    public override void Attach(IConnectionHandler handler) => _handler = handler;

    public override void StartReceive()
    {
        Debug.Assert((_state & (State.Receiving | State.ReceiveDone | State.Closing)) == 0, "Receiving can't start now.");
        ArmReceive();
    }

    public override void StopReceive()
    {
        if ((_state & (State.Receiving | State.StopRequested)) == State.Receiving)
        {
            _state |= State.StopRequested;
            _driver.Cancel(this, OperationKind.Receive);
        }
    }

    public override void StartSend(in ReadOnlySequence<byte> data)
    {
        Debug.Assert((_state & (State.Sending | State.Closing)) == 0 && data.Length > 0, "A send can't start now.");
        _state |= State.Sending;
        _unsent = data;
        PushSend();
    }

    public override void StartQuietSend(in ReadOnlySequence<byte> data)
    {
        // A send that failed quietly in this very turn is still to be passed over by the settling.
        if (!data.IsSingleSegment || _quiet != QuietSend.None)
        {
            StartSend(data);
            return;
        }

        ReadOnlySpan<byte> span = data.FirstSpan;
        SubmissionEntry entry = SendOf(span, Libc.MSG_DONTWAIT);
        entry.Flags = IoUringAbi.SqeCqeSkipSuccess;
        if (!_driver.TryPushQuietSend(this, ref entry, out uint position))
        {
            StartSend(data);
            return;
        }

        _state |= State.Sending;
        _unsent = data;
        _inFlight++;
        _quiet = QuietSend.Pending;
        QuietSendPosition = position;
    }

    /// <summary>The kernel has taken the quiet send; if it said nothing, everything was sent.</summary>
    public void SettleQuietSend()
    {
        bool silent = _quiet == QuietSend.Pending;
        _quiet = QuietSend.None;
        if (!silent)
        {
            return;
        }

        _inFlight--;
        _driver.QuietSendEnded();
        EndSend(SocketError.Success);
        if ((_state & State.Closing) != 0)
        {
            CloseWhenIdle();
        }
    }

    public override void ShutdownSend()
    {
        if ((_state & State.Sending) != 0)
        {
            _state |= State.ShutdownWanted;
            return;
        }

        PushShutdown();
    }

    public override void Close(bool abort)
    {
        if ((_state & State.Closing) != 0)
        {
            return;
        }

        _state |= State.Closing;
        if (abort)
        {
            Libc.SetLingerZero(_fd);
            _driver.CountCall();
        }

        if ((_state & State.Receiving) != 0)
        {
            _driver.Cancel(this, OperationKind.Receive);
        }

        if (_carrier is FileSend file)
        {
            CloseFile(file);
        }
        else if ((_state & State.Sending) != 0 && _quiet != QuietSend.Pending)
        {
            _driver.Cancel(this, OperationKind.Send);
        }

        CloseWhenIdle();
    }

    public override void SetNoDelay(bool value) =>
        Libc.SetOption(_fd, Libc.IPPROTO_TCP, Libc.TCP_NODELAY, value ? 1 : 0);

    public override void SetKeepAlive(bool value) =>
        Libc.SetOption(_fd, Libc.SOL_SOCKET, Libc.SO_KEEPALIVE, value ? 1 : 0);

    public override object Detach()
    {
        Debug.Assert(_inFlight == 0, "A connection with operations in flight can't move.");
        _state |= State.Closing | State.CloseStarted;
        _driver.RemoveTarget(this);
        return new DetachedDescriptor(_fd);
    }

    public void CloseAtDisposal()
    {
        FreeCarrier();
        Libc.Close(_fd);
    }

    public void Complete(OperationKind kind, int result, uint flags, bool last)
    {
        _inFlight -= (byte)(last ? 1 : 0);
        switch (kind)
        {
            case OperationKind.Receive:
                Received(result, flags, last);
                break;
            case OperationKind.Send:
                Sent(result);
                break;
            case OperationKind.Poll:
                FoundRoom();
                break;
            case OperationKind.Close:
                FinishClose(result);
                return;
        }

        if ((_state & State.Closing) != 0)
        {
            CloseWhenIdle();
        }
    }

    private void Received(int result, uint flags, bool last)
    {
        if ((flags & IoUringAbi.CqeBuffer) != 0)
        {
            int id = (int)(flags >> IoUringAbi.CqeBufferShift);
            if (result > 0 && (_state & State.Closing) == 0)
            {
                _handler!.OnReceived(_driver.Buffers.Lend(id, result));
            }
            else
            {
                _driver.Buffers.Recycle(id);
            }
        }

        if (last)
        {
            _state &= ~State.Receiving;
            if ((_state & State.Closing) == 0)
            {
                ReceiveEnded(result);
            }
        }
    }

    private void ReceiveEnded(int result)
    {
        bool stopped = (_state & State.StopRequested) != 0;
        _state &= ~State.StopRequested;
        if (result == 0)
        {
            _state |= State.ReceiveDone;
            _handler!.OnReceiveEnded(ReceiveEnd.EndOfStream, SocketError.Success);
        }
        else if (result < 0 && -result is not (Errno.ENOBUFS or Errno.ECANCELED or Errno.EINTR or Errno.EAGAIN))
        {
            _state |= State.ReceiveDone;
            _handler!.OnReceiveEnded(ReceiveEnd.Failed, Errno.ToSocketError(-result));
        }
        else if (stopped)
        {
            _handler!.OnReceiveEnded(ReceiveEnd.Stopped, SocketError.Success);
        }
        else
        {
            // The kernel ended the multishot: no buffer was left (they are back by the next turn), or for reasons of its own.
            ArmReceive();
        }
    }

    private void Sent(int result)
    {
        if (_quiet == QuietSend.Pending)
        {
            // The system couldn't take everything at once: the rest goes the ordinary way, which may wait.
            _quiet = QuietSend.Failed;
        }

        if (result > 0)
        {
            _unsent = _unsent.Slice(result);
        }

        bool goesOn = result > 0 || -result is Errno.EINTR or Errno.EAGAIN;
        if ((_state & State.Closing) == 0 && !_unsent.IsEmpty && goesOn)
        {
            PushSend();
            return;
        }

        EndSend(result < 0 ? Errno.ToSocketError(-result) : SocketError.Success);
    }

    private void EndSend(SocketError error)
    {
        _unsent = default;
        _state &= ~(State.Sending | State.MoreFollows);
        FreeCarrier();
        if ((_state & State.Closing) != 0)
        {
            return;
        }

        if ((_state & State.ShutdownWanted) != 0)
        {
            _state &= ~State.ShutdownWanted;
            PushShutdown();
        }

        _handler!.OnSent(error);
    }

    private void ArmReceive()
    {
        _state |= State.Receiving;
        var entry = new SubmissionEntry
        {
            Opcode = IoUringAbi.OpRecv,
            Fd = _fd,
            IoPriority = IoUringAbi.RecvMultishot,
            Flags = IoUringAbi.SqeBufferSelect,
            BufferGroup = ProvidedBuffers.GroupId,
        };
        Push(OperationKind.Receive, ref entry);
    }

    private void PushSend()
    {
        if (_unsent.IsSingleSegment)
        {
            SubmissionEntry single = SendOf(_unsent.FirstSpan, MoreFlag);
            Push(OperationKind.Send, ref single);
            return;
        }

        var batch = (SendBatch)(_carrier ??= new SendBatch());
        var many = new SubmissionEntry
        {
            Opcode = IoUringAbi.OpSendMsg,
            Fd = _fd,
            Address = (ulong)batch.Fill(_unsent),
            Length = 1,
            OperationFlags = Libc.MSG_NOSIGNAL | Libc.MSG_WAITALL | MoreFlag,
        };
        Push(OperationKind.Send, ref many);
    }

    /// <summary>The contract has the caller give pinned memory, so its address holds until the operation has ended.</summary>
    private SubmissionEntry SendOf(ReadOnlySpan<byte> span, uint extraFlags) => new()
    {
        Opcode = IoUringAbi.OpSend,
        Fd = _fd,
        Address = (ulong)Unsafe.AsPointer(ref MemoryMarshal.GetReference(span)),
        Length = (uint)span.Length,
        OperationFlags = Libc.MSG_NOSIGNAL | Libc.MSG_WAITALL | extraFlags,
    };

    private void PushShutdown()
    {
        var entry = new SubmissionEntry { Opcode = IoUringAbi.OpShutdown, Fd = _fd, Length = Libc.SHUT_WR };
        Push(OperationKind.Shutdown, ref entry);
    }

    private void Push(OperationKind kind, ref SubmissionEntry entry)
    {
        _inFlight++;
        _driver.Push(this, kind, ref entry);
    }

    private void CloseWhenIdle()
    {
        if (_inFlight == 0 && (_state & State.CloseStarted) == 0)
        {
            _state |= State.CloseStarted;
            var entry = new SubmissionEntry { Opcode = IoUringAbi.OpClose, Fd = _fd };
            Push(OperationKind.Close, ref entry);
        }
    }

    private void FinishClose(int result)
    {
        if (result < 0)
        {
            Libc.Close(_fd);
        }

        FreeCarrier();
        _driver.RemoveTarget(this);
        _handler?.OnClosed();
    }
}
