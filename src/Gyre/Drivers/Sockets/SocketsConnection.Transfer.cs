using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Gyre.Drivers.Sockets;

internal sealed partial class SocketsConnection
{
    /// <summary>Full buffers taken in one go before the other connections get their turn: 64 KiB.</summary>
    private const int ReceivesMax = 4;

    /// <summary>Sends in one go before the others get their turn: at 64 segments of 4 KiB each, 1 MiB.</summary>
    private const int SendsMax = 4;

    /// <summary>Looks in vain, in busy turns, before the connection goes the long way: a third one seldom finds what two didn't.</summary>
    private const int LooksInVainMax = 2;

    /// <summary>Starts to watch for bytes; false when there are some, or the end, already.</summary>
    private bool Watch()
    {
        _watch ??= new SocketsOperation(_driver.Queue) { Target = this };
        _looksInVain = 0;
        if (_socket.ReceiveAsync(_watch))
        {
            _state |= State.Watching;
            return true;
        }

        return false;
    }

    private void Receive()
    {
        if (_watch is { SocketError: not SocketError.Success })
        {
            // The system tells an error once, and the watch has taken it: a receive would only find the end of the stream.
            ReceivedNothing(_watch.SocketError);
            return;
        }

        for (int i = 0; i < ReceivesMax; i++)
        {
            int token = _driver.Buffers.Rent(out byte[] array, out int offset);
            int count = _socket.Receive(array.AsSpan(offset, LentBuffers.BufferBytes), SocketFlags.None, out SocketError error);
            if (count <= 0 || error != SocketError.Success)
            {
                _driver.Buffers.Recycle(token);
                ReceivedNothing(error);
                return;
            }

            _looksInVain = 0;
            _driver.CountEvent();
            _handler!.OnReceived(_driver.Buffers.Lend(token, count));
            if (!WantsBytes)
            {
                return;
            }

            if (count < LentBuffers.BufferBytes)
            {
                break;
            }
        }

        // Not now: the consumer's answer isn't even sent, so the peer has hardly more to say.
        ReceiveLater();
    }

    private void ReceivedNothing(SocketError error)
    {
        switch (error)
        {
            case SocketError.Success:
                _state |= State.ReceiveDone;
                EndReceive(ReceiveEnd.EndOfStream, SocketError.Success);
                break;
            case SocketError.WouldBlock or SocketError.IOPending or SocketError.Interrupted:
                LookedInVain();
                break;
            default:
                _state |= State.ReceiveDone;
                EndReceive(ReceiveEnd.Failed, error);
                break;
        }
    }

    private void LookedInVain()
    {
        if ((_driver.IsBusy && ++_looksInVain < LooksInVainMax) || !Watch())
        {
            ReceiveLater();
        }
    }

    private void ReceiveLater()
    {
        if ((_state & (State.Unfinished | State.Watching)) == 0)
        {
            _state |= State.Unfinished;
            _driver.ContinueLater(this);
        }
    }

    private void EndReceive(ReceiveEnd end, SocketError error)
    {
        _state &= ~(State.Receiving | State.StopRequested);
        _driver.CountEvent();
        _handler!.OnReceiveEnded(end, error);
    }

    private void Send()
    {
        for (int i = 0; i < SendsMax; i++)
        {
            int count = SendOnce(out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                if (SendWhenPossible())
                {
                    return;
                }

                continue;
            }

            if (count > 0)
            {
                _unsent = _unsent.Slice(count);
            }

            if (_unsent.IsEmpty || error != SocketError.Success)
            {
                EndSend(error);
                return;
            }
        }

        // A peer that takes all as fast as it is sent; the rest goes with the next turn.
        _driver.Gather(this);
    }

    private int SendOnce(out SocketError error)
    {
        if (!_unsent.IsSingleSegment && _driver.SegmentsOf(_unsent) is { Count: > 1 } segments)
        {
            return _socket.Send(segments, SocketFlags.None, out error);
        }

        return _socket.Send(FirstUnsent().Span, SocketFlags.None, out error);
    }

    /// <summary>Has the BCL send the first segment when there is room; false when that is done, or has failed, already.</summary>
    private bool SendWhenPossible()
    {
        SocketsOperation operation = _driver.RentSendOperation(this);
        operation.SetBuffer(MemoryMarshal.AsMemory(FirstUnsent()));
        if (_socket.SendAsync(operation))
        {
            _state |= State.SendUnderWay;
            return true;
        }

        Sent(operation);
        return (_state & State.Sending) == 0;
    }

    private void SendCompleted(SocketsOperation operation)
    {
        _state &= ~State.SendUnderWay;
        Sent(operation);
        if ((_state & (State.Sending | State.Closing)) == State.Sending)
        {
            Send();
        }
    }

    private void Sent(SocketsOperation operation)
    {
        SocketError error = operation.SocketError;
        _unsent = _unsent.Slice(operation.BytesTransferred);
        _driver.ReturnSendOperation(operation);
        if (_unsent.IsEmpty || error != SocketError.Success)
        {
            EndSend(error);
        }
    }

    private ReadOnlyMemory<byte> FirstUnsent()
    {
        // A sequence may begin with empty segments, and a send of nothing would end at once, for ever.
        foreach (ReadOnlyMemory<byte> memory in _unsent)
        {
            if (!memory.IsEmpty)
            {
                return memory;
            }
        }

        return default;
    }

    private void EndSend(SocketError error)
    {
        _unsent = default;
        _state &= ~State.Sending;
        if ((_state & State.Closing) != 0)
        {
            return;
        }

        if ((_state & State.ShutdownWanted) != 0)
        {
            ShutDown();
        }

        _driver.CountEvent();
        _handler!.OnSent(error);
    }
}
