using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gyre.Interop.Linux;

namespace Gyre.Drivers.Epoll;

internal sealed unsafe partial class EpollConnection
{
    /// <summary>Full buffers taken in one go before the other connections get their turn: 64 KiB.</summary>
    private const int ReceivesMax = 4;

    /// <summary>Sends in one go before the others get their turn: at 64 segments of 4 KiB each, 1 MiB.</summary>
    private const int SendsMax = 4;

    private void Receive()
    {
        for (int i = 0; i < ReceivesMax && (_state & State.Readable) != 0; i++)
        {
            int token = _driver.Buffers.Rent(out byte[] array, out int offset);
            byte* address = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array)) + offset;
            int result = Libc.Receive(_fd, address, LentBuffers.BufferBytes);
            _driver.CountCall();
            if (result <= 0)
            {
                _driver.Buffers.Recycle(token);
                ReceivedNothing(-result);
                return;
            }

            if (result < LentBuffers.BufferBytes && (_state & State.HungUp) == 0)
            {
                _state &= ~State.Readable;
            }

            _handler!.OnReceived(_driver.Buffers.Lend(token, result));
            if (!WantsBytes)
            {
                return;
            }
        }

        if ((_state & State.Readable) != 0)
        {
            ReceiveLater();
        }
    }

    private void ReceivedNothing(int errno)
    {
        switch (errno)
        {
            case 0:
                _state |= State.ReceiveDone;
                EndReceive(ReceiveEnd.EndOfStream, SocketError.Success);
                break;
            case Errno.EAGAIN:
                _state &= ~State.Readable;
                break;
            case Errno.EINTR:
                ReceiveLater();
                break;
            default:
                _state |= State.ReceiveDone;
                EndReceive(ReceiveEnd.Failed, Errno.ToSocketError(errno));
                break;
        }
    }

    private void ReceiveLater()
    {
        if ((_state & State.Unfinished) == 0)
        {
            _state |= State.Unfinished;
            _driver.ContinueLater(this);
        }
    }

    private void EndReceive(ReceiveEnd end, SocketError error)
    {
        _state &= ~(State.Receiving | State.StopRequested);
        _handler!.OnReceiveEnded(end, error);
    }

    private void Send()
    {
        if ((_state & State.SendingFile) != 0)
        {
            SendFile();
            return;
        }

        for (int i = 0; i < SendsMax; i++)
        {
            int result = SendOnce();
            _driver.CountCall();
            if (result > 0)
            {
                _unsent = _unsent.Slice(result);
            }

            if (_unsent.IsEmpty || (result < 0 && -result is not (Errno.EAGAIN or Errno.EINTR)))
            {
                EndSend(result < 0 ? Errno.ToSocketError(-result) : SocketError.Success);
                return;
            }

            if (result == -Errno.EAGAIN)
            {
                WaitForRoom();
                return;
            }
        }

        // A peer that takes all as fast as it is sent; the rest goes with the next turn.
        _driver.Gather(this);
    }

    private int SendOnce()
    {
        int flags = (_state & State.MoreFollows) != 0 ? Libc.MSG_MORE : 0;
        if (!_unsent.IsSingleSegment)
        {
            return Libc.SendMessage(_fd, _driver.Batch.Fill(_unsent), flags);
        }

        // The contract has the caller give pinned memory, so its address holds.
        ReadOnlySpan<byte> span = _unsent.FirstSpan;
        return Libc.Send(_fd, (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(span)), span.Length, flags);
    }

    private void SendFile()
    {
        FileSend file = _driver.FileSends[this];
        for (int i = 0; i < SendsMax; i++)
        {
            FileSendStep step = file.Send(_fd);
            _driver.CountCall();
            switch (step)
            {
                case FileSendStep.Done or FileSendStep.Failed:
                    EndSend(file.Error);
                    return;
                case FileSendStep.Full:
                    WaitForRoom();
                    return;
                case FileSendStep.Cut:
                    // The others first; the rest goes with the next turn.
                    _driver.Gather(this);
                    return;
            }

            // Short: only a call that finds no room at all has the kernel report when there is some.
        }

        _driver.Gather(this);
    }

    private void ReleaseFile()
    {
        if ((_state & State.SendingFile) != 0 && _driver.FileSends.Remove(this, out FileSend? file))
        {
            file.Release();
        }
    }

    private void WaitForRoom()
    {
        _state |= State.SendBlocked;
        EnsureRegistered();
        if ((_state & (State.NotRegistrable | State.Closing)) == State.NotRegistrable)
        {
            EndSend(SocketError.NoBufferSpaceAvailable);
        }
    }

    private void EndSend(SocketError error)
    {
        _unsent = default;
        ReleaseFile();
        _state &= ~(State.Sending | State.SendBlocked | State.SendingFile | State.MoreFollows);
        if ((_state & State.Closing) != 0)
        {
            return;
        }

        if ((_state & State.ShutdownWanted) != 0)
        {
            ShutDown();
        }

        _handler!.OnSent(error);
    }

    private void ShutDown()
    {
        _state &= ~State.ShutdownWanted;
        Libc.ShutdownSend(_fd);
        _driver.CountCall();
    }
}
