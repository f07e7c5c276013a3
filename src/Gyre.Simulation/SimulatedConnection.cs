using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gyre.Drivers;

namespace Gyre.Simulation;

/// <summary>A connection of the simulated network.</summary>
[DebuggerDisplay("{ToString(),nq}, {_state}")]
internal sealed class SimulatedConnection : DriverConnection, ISimulatedTarget
{
    /// <summary>One receive in so many is split at a place that the seed picks.</summary>
    private const int SplitEvery = 8;

    private readonly SimulatedDriver _driver;
    private readonly SimulatedSocket _socket;
    private IConnectionHandler? _handler;
    private ReadOnlySequence<byte> _unsent;
    private State _state;

    public SimulatedConnection(SimulatedDriver driver, SimulatedSocket socket)
    {
        _driver = driver;
        _socket = socket;
        socket.Owner = this;
        driver.Add(this);
    }

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

        /// <summary>A send is under way. Cleared when all is taken or it failed.</summary>
        Sending = 1 << 3,

        /// <summary>The sending side is to be ended behind the send. Cleared when it is.</summary>
        ShutdownWanted = 1 << 4,

        /// <summary>Close was called. Never cleared.</summary>
        Closing = 1 << 5,

        /// <summary>The close is an abort. Never cleared.</summary>
        Aborting = 1 << 6,

        /// <summary>The socket is closed or was handed over. Never cleared.</summary>
        Gone = 1 << 7,
    }

    public override IPEndPoint? LocalEndPoint => _socket.Local;

    public override IPEndPoint? RemoteEndPoint => _socket.Remote;

    public bool IsScheduled { get; set; }

    public int Index { get; set; } = -1;

    private bool CanReceive =>
        (_state & State.Receiving) != 0 &&
        ((_state & State.StopRequested) != 0 || _socket.Unread > 0 || _socket.HasEnded || _socket.IsReset);

    private bool CanSend => (_state & State.Sending) != 0 ? _socket.IsWritable : (_state & State.ShutdownWanted) != 0;

    public override void Attach(IConnectionHandler handler) => _handler = handler;

    public override void StartReceive()
    {
        Require((_state & (State.Receiving | State.ReceiveDone | State.Closing)) == 0, "Receiving can't start now.");
        _state |= State.Receiving;
        _driver.Schedule(this);
    }

    public override void StopReceive()
    {
        if ((_state & State.Receiving) != 0)
        {
            _state |= State.StopRequested;
            _driver.Schedule(this);
        }
    }

    public override void StartSend(in ReadOnlySequence<byte> data)
    {
        Require((_state & (State.Sending | State.Closing)) == 0 && data.Length > 0, "A send can't start now.");
        _state |= State.Sending;
        _unsent = data;
        _driver.Schedule(this);
    }

    public override void ShutdownSend()
    {
        if ((_state & State.Closing) == 0)
        {
            _state |= State.ShutdownWanted;
            _driver.Schedule(this);
        }
    }

    public override void Close(bool abort)
    {
        if ((_state & State.Closing) == 0)
        {
            _state |= State.Closing | (abort ? State.Aborting : 0);
            _driver.Schedule(this);
        }
    }

    public override void SetNoDelay(bool value) => Require((_state & State.Gone) == 0, "The connection is closed.");

    public override void SetKeepAlive(bool value) => Require((_state & State.Gone) == 0, "The connection is closed.");

    public override object Detach()
    {
        Require(_state == State.None, "Only a connection on which nothing was started can move.");
        _state = State.Closing | State.Gone;
        _driver.Remove(this);
        _socket.Owner = null;
        return _socket;
    }

    public override string ToString() => $"connection {_socket.Local.Port} to {_socket.Remote.Port}";

    /// <summary>Something happened at the other end.</summary>
    public void Changed() => _driver.Schedule(this);

    public void Step()
    {
        if ((_state & State.Gone) != 0)
        {
            return;
        }

        if ((_state & State.Closing) != 0)
        {
            FinishClose();
            return;
        }

        // When both directions can go on, the seed decides which does.
        if (CanSend && (!CanReceive || _driver.Chance(2)))
        {
            Send();
        }
        else if (CanReceive)
        {
            Receive();
        }

        if ((_state & State.Gone) == 0 && (CanSend || CanReceive || (_state & State.Closing) != 0))
        {
            _driver.Schedule(this);
        }
    }

    public void Abandon()
    {
        if ((_state & State.Gone) == 0)
        {
            _state |= State.Closing | State.Gone;
            _socket.Close(abort: false);
        }
    }

    private void Send()
    {
        SocketError error = SocketError.Success;
        if ((_state & State.Sending) != 0)
        {
            error = _socket.Write(ref _unsent);
            if (error == SocketError.Success && !_unsent.IsEmpty)
            {
                return;
            }
        }

        if ((_state & State.ShutdownWanted) != 0)
        {
            _state &= ~State.ShutdownWanted;
            _socket.EndOutput();
        }

        if ((_state & State.Sending) != 0)
        {
            _state &= ~State.Sending;
            _unsent = default;
            _driver.Delivering(this, "sent", (int)error);
            _handler!.OnSent(error);
        }
    }

    private void Receive()
    {
        if ((_state & State.StopRequested) != 0 && (_socket.Unread == 0 || _driver.Chance(2)))
        {
            EndReceive(ReceiveEnd.Stopped, SocketError.Success);
        }
        else if (_socket.Unread > 0)
        {
            Deliver();
        }
        else
        {
            _state |= State.ReceiveDone;
            EndReceive(
                _socket.IsReset ? ReceiveEnd.Failed : ReceiveEnd.EndOfStream,
                _socket.IsReset ? SocketError.ConnectionReset : SocketError.Success);
        }
    }

    private void Deliver()
    {
        int count = Math.Min(_socket.Unread, _driver.Network.Options.ReceiveBufferBytes);
        if (count > 1 && _driver.Chance(SplitEvery))
        {
            count = 1 + _driver.Network.Chance.Next(count - 1);
        }

        int held = _driver.Buffers.Held;
        ReceivedBuffer buffer = _driver.Buffers.Lend(count);
        _socket.Read(buffer.Array.AsSpan(buffer.Offset, count));
        _driver.Delivering(this, "received", count);
        _handler!.OnReceived(buffer);
        _driver.Buffers.VerifyReturned(buffer, held);
    }

    private void EndReceive(ReceiveEnd end, SocketError error)
    {
        _state &= ~(State.Receiving | State.StopRequested);
        _driver.Delivering(this, "receiving ended", (int)end);
        _handler!.OnReceiveEnded(end, error);
    }

    private void FinishClose()
    {
        if ((_state & (State.ShutdownWanted | State.Sending | State.Aborting)) == State.ShutdownWanted)
        {
            _socket.EndOutput();
        }

        _state |= State.Gone;
        _socket.Close((_state & State.Aborting) != 0);
        _unsent = default;
        _driver.Remove(this);
        _driver.Delivering(this, "closed");
        _handler?.OnClosed();
    }

    private void Require(bool holds, string trouble)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"{trouble} {this} of the simulation is in state {_state}.");
        }
    }
}
