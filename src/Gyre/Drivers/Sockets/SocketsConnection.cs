using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Gyre.Drivers.Sockets;

/// <summary>A connection over a non-blocking socket of the BCL.</summary>
/// <remarks>
/// While the socket is empty, a receive of no bytes is under way: it completes when there is something, and an idle
/// connection holds no buffer. A pause leaves it under way, for it takes nothing.
/// </remarks>
[DebuggerDisplay("connection {_state}")]
internal sealed partial class SocketsConnection(SocketsDriver driver, Socket socket) : DriverConnection, ISocketsTarget
{
    private readonly SocketsDriver _driver = driver;
    private readonly Socket _socket = socket;
    private IConnectionHandler? _handler;
    private SocketsOperation? _watch;
    private ReadOnlySequence<byte> _unsent;
    private State _state;
    private byte _looksInVain;

    [Flags]
    private enum State
    {
        None = 0,

        /// <summary>The consumer wants bytes. Set by starting, cleared by the terminal event.</summary>
        Receiving = 1 << 0,

        /// <summary>The consumer asked for a pause. Cleared when it was told of it.</summary>
        StopRequested = 1 << 1,

        /// <summary>The stream has ended or broken: no receive may start again. Never cleared.</summary>
        ReceiveDone = 1 << 2,

        /// <summary>The receive of no bytes is under way. Cleared by its completion.</summary>
        Watching = 1 << 3,

        /// <summary>Waits for the next turn to look for bytes. Cleared when that comes.</summary>
        Unfinished = 1 << 4,

        /// <summary>A send is under way. Cleared when all is sent or it failed.</summary>
        Sending = 1 << 5,

        /// <summary>That send waits in the BCL for room. Cleared by its completion.</summary>
        SendUnderWay = 1 << 6,

        /// <summary>A shutdown waits for the send before it. Cleared when it is handed over.</summary>
        ShutdownWanted = 1 << 7,

        /// <summary>Close was called. Never cleared.</summary>
        Closing = 1 << 8,

        /// <summary>The close is an abort, which drops what is unsent. Never cleared.</summary>
        Aborting = 1 << 9,

        /// <summary>The socket is closed or was handed over. Never cleared.</summary>
        Closed = 1 << 10,
    }

    public override IPEndPoint? LocalEndPoint => EndPointOrNull(static socket => socket.LocalEndPoint);

    public override IPEndPoint? RemoteEndPoint => EndPointOrNull(static socket => socket.RemoteEndPoint);

    public override long? AcknowledgedBytes => SocketProgress.Of(_socket)?.AcknowledgedBytes;

    public override long? UnacknowledgedBytes => SocketProgress.Of(_socket)?.UnacknowledgedBytes;

    public int Index { get; set; } = -1;

    public bool IsGathered { get; set; }

    private bool WantsBytes => (_state & (State.Receiving | State.StopRequested | State.Closing)) == State.Receiving;

    public override void Attach(IConnectionHandler handler) => _handler = handler;

    public override void StartReceive()
    {
        Debug.Assert((_state & (State.Receiving | State.ReceiveDone | State.Closing)) == 0, "Receiving can't start now.");
        _state |= State.Receiving;
        ReceiveLater();
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

    public override void SetNoDelay(bool value) => SetOption(SocketOptionLevel.Tcp, SocketOptionName.NoDelay, value);

    public override void SetKeepAlive(bool value) => SetOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, value);

    public override object Detach()
    {
        Debug.Assert(_state == State.None, "Only an unused connection can move.");
        _state = State.Closing | State.Closed;
        _driver.RemoveConnection(this);
        return _socket;
    }

    public void CloseAtDisposal()
    {
        if ((_state & State.Closed) == 0)
        {
            CloseSocket();
        }
    }

    public void Complete(SocketsOperation operation)
    {
        if (operation == _watch)
        {
            _state &= ~State.Watching;
            if (WantsBytes && (_state & State.Unfinished) == 0)
            {
                Receive();
            }
        }
        else
        {
            SendCompleted(operation);
        }

        if ((_state & State.Closed) != 0)
        {
            FinishCloseWhenIdle();
        }
    }

    public void RunGathered()
    {
        if ((_state & State.Closed) != 0)
        {
            return;
        }

        // Also before a close: what the consumer sent and then closed is offered to the system once.
        if ((_state & (State.Sending | State.SendUnderWay | State.Aborting)) == State.Sending)
        {
            Send();
        }

        if ((_state & State.Closing) != 0)
        {
            CloseSocket();
            FinishCloseWhenIdle();
        }
        else if ((_state & State.StopRequested) != 0)
        {
            EndReceive(ReceiveEnd.Stopped, SocketError.Success);
        }
    }

    public void Continue()
    {
        _state &= ~State.Unfinished;
        if (!WantsBytes || (_state & State.Watching) != 0)
        {
            return;
        }

        // In a busy turn one receive mostly finds bytes; in a quiet one the watch is the cheaper look, for it is needed anyway.
        if (_driver.IsBusy || !Watch())
        {
            Receive();
        }
    }

    private void CloseSocket()
    {
        _state |= State.Closing | State.Closed;
        if ((_state & State.Aborting) != 0)
        {
            Try(static socket => socket.LingerState = new LingerOption(enable: true, seconds: 0));
        }
        else if ((_state & (State.Watching | State.SendUnderWay)) != 0)
        {
            // The BCL resets a connection that is closed while an operation is under way, unless sending was shut down.
            Try(static socket => socket.Shutdown(SocketShutdown.Send));
        }

        _socket.Dispose();
    }

    private void FinishCloseWhenIdle()
    {
        if (Index < 0 || (_state & (State.Watching | State.SendUnderWay)) != 0)
        {
            return;
        }

        _unsent = default;
        _watch?.Dispose();
        _watch = null;
        _driver.RemoveConnection(this);
        _driver.CountEvent();
        _handler?.OnClosed();
    }

    private void ShutDown()
    {
        _state &= ~State.ShutdownWanted;
        Try(static socket => socket.Shutdown(SocketShutdown.Send));
    }

    private void SetOption(SocketOptionLevel level, SocketOptionName name, bool value)
    {
        if ((_state & State.Closed) == 0)
        {
            Try(socket => socket.SetSocketOption(level, name, value));
        }
    }

    private void Try(Action<Socket> action)
    {
        try
        {
            action(_socket);
        }
        catch (SocketException)
        {
            // The connection is broken already, which its own events tell; there is nothing left to set or to shut down.
        }
    }

    private IPEndPoint? EndPointOrNull(Func<Socket, EndPoint?> get)
    {
        try
        {
            return (_state & State.Closed) == 0 ? get(_socket) as IPEndPoint : null;
        }
        catch (SocketException)
        {
            // A connection that the peer has reset has no address any more; the contract says null.
            return null;
        }
    }
}
