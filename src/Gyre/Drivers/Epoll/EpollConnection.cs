using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gyre.Interop.Linux;
using Microsoft.Win32.SafeHandles;

namespace Gyre.Drivers.Epoll;

/// <summary>A connection whose socket is read and written when epoll has reported it ready.</summary>
/// <remarks>
/// Registration waits for the first need of an event, so that a connection which moves to another loop never enters this
/// one's set. An edge is reported once: what it said is kept in flags until a call on the socket showed that it is used up.
/// </remarks>
[DebuggerDisplay("connection fd = {_fd}, {_state}")]
internal sealed partial class EpollConnection(EpollDriver driver, int fd) : DriverConnection, IEpollTarget
{
    private readonly EpollDriver _driver = driver;
    private int _fd = fd;
    private IConnectionHandler? _handler;
    private ReadOnlySequence<byte> _unsent;
    private State _state;

    [Flags]
    private enum State
    {
        None = 0,

        /// <summary>The descriptor is in the epoll set. Cleared when it is taken out to be handed over.</summary>
        Registered = 1 << 0,

        /// <summary>The set had no room for it. The next delivery reports that as the end of receiving and of sending.</summary>
        NotRegistrable = 1 << 1,

        /// <summary>The consumer wants bytes. Set by starting, cleared by the terminal event.</summary>
        Receiving = 1 << 2,

        /// <summary>The consumer asked for a pause. Cleared when it was told of it.</summary>
        StopRequested = 1 << 3,

        /// <summary>The stream has ended or broken: no receive may start again. Never cleared.</summary>
        ReceiveDone = 1 << 4,

        /// <summary>Bytes may wait in the socket. Set by an event, cleared by a receive that found fewer than it had room for.</summary>
        Readable = 1 << 5,

        /// <summary>The peer has hung up or an error is pending, so a short receive is not the last. Never cleared.</summary>
        HungUp = 1 << 6,

        /// <summary>Waits for its next share of a turn's receives. Cleared when that comes.</summary>
        Unfinished = 1 << 7,

        /// <summary>A send is under way. Cleared when all is sent or it failed.</summary>
        Sending = 1 << 8,

        /// <summary>The socket's send buffer is full. Cleared by an event.</summary>
        SendBlocked = 1 << 9,

        /// <summary>A shutdown waits for the send before it. Cleared when it is handed over.</summary>
        ShutdownWanted = 1 << 10,

        /// <summary>Close was called. Never cleared.</summary>
        Closing = 1 << 11,

        /// <summary>The close is an abort, which drops what is unsent. Never cleared.</summary>
        Aborting = 1 << 12,

        /// <summary>The send under way is a file's, which the driver keeps. Cleared with the send.</summary>
        SendingFile = 1 << 13,

        /// <summary>What is sent is to share its last packet with what follows. Cleared with the send.</summary>
        MoreFollows = 1 << 14,
    }

    public override IPEndPoint? LocalEndPoint => _fd < 0 ? null : SocketSetup.LocalEndPoint(_fd);

    public override long? UnacknowledgedBytes => Libc.GetUnacknowledgedBytes(_fd) is var bytes and >= 0 ? bytes : null;

    public override long? AcknowledgedBytes => Libc.GetAcknowledgedBytes(_fd) is var bytes and >= 0 ? bytes : null;

    public override IPEndPoint? RemoteEndPoint => _fd < 0 ? null : SocketSetup.RemoteEndPoint(_fd);

    public int Slot { get; set; } = -1;

    public uint Generation { get; set; }

    public bool IsGathered { get; set; }

    private bool WantsBytes => (_state & (State.Receiving | State.StopRequested | State.Closing)) == State.Receiving;

    public override void Attach(IConnectionHandler handler) => _handler = handler;

    public override void StartReceive()
    {
        Debug.Assert((_state & (State.Receiving | State.ReceiveDone | State.Closing)) == 0, "Receiving can't start now.");
        _state |= State.Receiving;
        EnsureRegistered();
        if ((_state & State.Readable) != 0)
        {
            ReceiveLater();
        }
    }

    public override void StopReceive()
    {
        if (WantsBytes)
        {
            _state |= State.StopRequested;
            _driver.Gather(this);
        }
    }

    public override void StartSend(in ReadOnlySequence<byte> data)
    {
        Debug.Assert((_state & (State.Sending | State.Closing)) == 0 && data.Length > 0, "A send can't start now.");
        _state |= State.Sending;
        _unsent = data;
        _driver.Gather(this);
    }

    public override void StartSendWithMore(in ReadOnlySequence<byte> data)
    {
        StartSend(data);
        _state |= State.MoreFollows;
    }

    public override void StartSendFile(SafeFileHandle file, long offset, long count)
    {
        Debug.Assert((_state & (State.Sending | State.Closing)) == 0 && count >= 0, "A send can't start now.");
        _driver.FileSends.Add(this, new FileSend(file, offset, count));
        _state |= State.Sending | State.SendingFile;
        _driver.Gather(this);
    }

    public override void ShutdownSend()
    {
        if ((_state & State.Closing) != 0)
        {
            return;
        }

        _state |= State.ShutdownWanted;
        if ((_state & State.Sending) == 0)
        {
            ShutDown();
        }
    }

    public override void Close(bool abort)
    {
        if ((_state & State.Closing) != 0)
        {
            return;
        }

        _state |= State.Closing | (abort ? State.Aborting : 0);
        _driver.Gather(this);
    }

    public override void SetNoDelay(bool value) => SetOption(Libc.IPPROTO_TCP, Libc.TCP_NODELAY, value);

    public override void SetKeepAlive(bool value) => SetOption(Libc.SOL_SOCKET, Libc.SO_KEEPALIVE, value);

    public override object Detach()
    {
        Debug.Assert((_state & ~(State.Registered | State.Readable | State.HungUp)) == 0, "Only an unused connection can move.");
        if ((_state & State.Registered) != 0)
        {
            _driver.Unregister(_fd);
        }

        int fd = _fd;
        _fd = -1;
        _state = State.Closing;
        _driver.RemoveTarget(this);
        return new DetachedDescriptor(fd);
    }

    /// <summary>
    /// The descriptor is registered already, by the attempt that connected it, and was last reported with <paramref
    /// name="mask"/>.
    /// </summary>
    public void TakeOverRegistration(uint mask)
    {
        _state |= State.Registered;
        Remember(mask);
    }

    public void CloseAtDisposal()
    {
        ReleaseFile();
        Libc.Close(_fd);
        _fd = -1;
    }

    public void OnEvents(uint mask)
    {
        Remember(mask);
        if ((_state & (State.Sending | State.SendBlocked | State.Closing)) == State.Sending && !IsGathered)
        {
            Send();
        }

        if ((_state & State.Readable) != 0 && WantsBytes && (_state & State.Unfinished) == 0)
        {
            Receive();
        }
    }

    public void RunGathered()
    {
        if (_fd < 0)
        {
            return;
        }

        // Also before a close: what the consumer sent and then closed is offered to the system once.
        if ((_state & (State.Sending | State.SendBlocked | State.Aborting)) == State.Sending)
        {
            Send();
        }

        if ((_state & State.Closing) != 0)
        {
            FinishClose();
        }
        else if ((_state & State.StopRequested) != 0)
        {
            EndReceive(ReceiveEnd.Stopped, SocketError.Success);
        }
        else if ((_state & (State.NotRegistrable | State.Receiving)) == (State.NotRegistrable | State.Receiving))
        {
            EndReceive(ReceiveEnd.Failed, SocketError.NoBufferSpaceAvailable);
        }
    }

    public void Continue()
    {
        _state &= ~State.Unfinished;
        if (WantsBytes)
        {
            Receive();
        }
    }

    private void Remember(uint mask)
    {
        const uint hungUp = Libc.EPOLLRDHUP | Libc.EPOLLHUP | Libc.EPOLLERR;
        if ((mask & (Libc.EPOLLIN | hungUp)) != 0)
        {
            _state |= State.Readable | ((mask & hungUp) != 0 ? State.HungUp : 0);
        }

        if ((mask & (Libc.EPOLLOUT | Libc.EPOLLHUP | Libc.EPOLLERR)) != 0)
        {
            _state &= ~State.SendBlocked;
        }
    }

    private void EnsureRegistered()
    {
        if ((_state & (State.Registered | State.NotRegistrable)) != 0)
        {
            return;
        }

        if (_driver.Register(this, _fd, EpollDriver.BothDirections) == 0)
        {
            _state |= State.Registered;
            return;
        }

        // Kernel memory or fs.epoll.max_user_watches is exhausted; without events the connection is of no use.
        _state |= State.NotRegistrable;
        _driver.Gather(this);
    }

    private void SetOption(int level, int name, bool value)
    {
        if (_fd >= 0)
        {
            Libc.SetOption(_fd, level, name, value ? 1 : 0);
            _driver.CountCall();
        }
    }

    private void FinishClose()
    {
        if ((_state & State.Aborting) != 0)
        {
            Libc.SetLingerZero(_fd);
            _driver.CountCall();
        }

        _unsent = default;
        ReleaseFile();
        Libc.Close(_fd);
        _driver.CountCall();
        _fd = -1;
        _driver.RemoveTarget(this);
        _handler?.OnClosed();
    }
}
