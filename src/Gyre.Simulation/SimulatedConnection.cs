using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gyre.Drivers;

namespace Gyre.Simulation;

/// <summary>One end of a connection of the simulated network: a bounded buffer of bytes that the other end sent.</summary>
[DebuggerDisplay("{LocalEndPoint} → {RemoteEndPoint}, {_arrived.Length} bytes arrived")]
internal sealed class SimulatedConnection : DriverConnection, IReceivedBufferOwner
{
    private readonly SimulatedDriver _driver;
    private readonly Events _events;
    private readonly ArrivedBytes _arrived;
    private SimulatedConnection? _peer;
    private IConnectionHandler? _handler;
    private ReadOnlySequence<byte> _unsent;
    private bool _receiving;
    private bool _stopRequested;
    private bool _receiveScheduled;
    private bool _ended;
    private bool _endArrived;
    private bool _resetArrived;
    private bool _sending;
    private bool _shutdownWanted;
    private bool _closed;

    private SimulatedConnection(SimulatedDriver driver, IPEndPoint local, IPEndPoint remote)
    {
        _driver = driver;
        _events = new Events(driver);
        _arrived = new ArrivedBytes(driver.Options.SocketBufferBytes);
        LocalEndPoint = local;
        RemoteEndPoint = remote;
        driver.ConnectionOpened();
    }

    public override IPEndPoint? LocalEndPoint { get; }

    public override IPEndPoint? RemoteEndPoint { get; }

    public static (SimulatedConnection Near, SimulatedConnection Far) CreatePair(
        SimulatedDriver driver, IPEndPoint local, IPEndPoint remote)
    {
        var near = new SimulatedConnection(driver, local, remote);
        var far = new SimulatedConnection(driver, remote, local) { _peer = near };
        near._peer = far;
        return (near, far);
    }

    public override void Attach(IConnectionHandler handler) => _handler = handler;

    public override void StartReceive()
    {
        Debug.Assert(!_receiving && !_ended && !_closed, "Receiving can't start now.");
        _receiving = true;
        ScheduleReceive();
    }

    public override void StopReceive()
    {
        if (_receiving && !_stopRequested)
        {
            _stopRequested = true;
            ScheduleReceive();
        }
    }

    public override void StartSend(in ReadOnlySequence<byte> data)
    {
        Debug.Assert(!_sending && !_closed && data.Length > 0, "A send can't start now.");
        _sending = true;
        _unsent = data;
        Transfer();
    }

    public override void ShutdownSend()
    {
        _shutdownWanted = true;
        if (!_sending)
        {
            EndStream();
        }
    }

    public override void Close(bool abort)
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        bool reset = abort || _arrived.Length > 0;
        SimulatedConnection? peer = _peer;
        _peer = null;
        if (peer is not null)
        {
            peer.PeerClosed(reset);
        }

        _events.Clear();
        _events.Add(() =>
        {
            _driver.ConnectionClosed();
            _handler?.OnClosed();
        });
    }

    public override void SetNoDelay(bool value)
    {
    }

    public override void SetKeepAlive(bool value)
    {
    }

    public void Return(int token) => _driver.BufferReturned();

    /// <summary>Moves as much of what is being sent as the peer has room for.</summary>
    private void Transfer()
    {
        if (!_sending)
        {
            return;
        }

        if (_peer is null || _peer._closed)
        {
            FinishSend(SocketError.ConnectionReset);
            return;
        }

        long count = Math.Min(_unsent.Length, _peer._arrived.Free);
        if (count > 0)
        {
            _peer._arrived.Add(_unsent.Slice(0, count));
            _unsent = _unsent.Slice(count);
            _peer.ScheduleReceive();
        }

        if (_unsent.IsEmpty)
        {
            FinishSend(SocketError.Success);
        }
    }

    private void FinishSend(SocketError error)
    {
        _unsent = default;
        _events.Add(() =>
        {
            _sending = false;
            if (_shutdownWanted)
            {
                EndStream();
            }

            _handler!.OnSent(error);
        });
    }

    private void EndStream()
    {
        if (_peer is { } peer)
        {
            peer._endArrived = true;
            peer.ScheduleReceive();
        }
    }

    private void PeerClosed(bool reset)
    {
        _peer = null;
        _resetArrived |= reset;
        _endArrived = true;
        if (_sending && !_unsent.IsEmpty)
        {
            FinishSend(SocketError.ConnectionReset);
        }

        ScheduleReceive();
    }

    private void ScheduleReceive()
    {
        bool news = _arrived.Length > 0 || _endArrived || _resetArrived || _stopRequested;
        if (_receiving && !_receiveScheduled && news && !_closed)
        {
            _receiveScheduled = true;
            _events.Add(Receive);
        }
    }

    private void Receive()
    {
        _receiveScheduled = false;
        if (_resetArrived)
        {
            EndReceive(ReceiveEnd.Failed, SocketError.ConnectionReset);
        }
        else if (_arrived.Length > 0)
        {
            byte[] bytes = _arrived.Take(_driver.Draw(_driver.Options.SegmentBytesMax));
            _peer?.Transfer();
            _driver.BufferLent();
            _handler!.OnReceived(new ReceivedBuffer(bytes, 0, bytes.Length, this, token: 0, isScarce: false));
            ScheduleReceive();
        }
        else if (_endArrived)
        {
            EndReceive(ReceiveEnd.EndOfStream, SocketError.Success);
        }
        else if (_stopRequested)
        {
            _stopRequested = false;
            _receiving = false;
            _handler!.OnReceiveEnded(ReceiveEnd.Stopped, SocketError.Success);
        }
    }

    private void EndReceive(ReceiveEnd end, SocketError error)
    {
        _receiving = false;
        _ended = true;
        _handler!.OnReceiveEnded(end, error);
    }

    private sealed class Events(SimulatedDriver driver) : EventSource(driver)
    {
        public void Add(Action happened) => Raise(happened);

        public void Clear() => ForgetEvents();
    }
}
