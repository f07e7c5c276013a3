using System.Buffers;
using System.Diagnostics;
using System.Net.Sockets;
using Gyre.Interop.Linux;
using Microsoft.Win32.SafeHandles;

namespace Gyre.Drivers.IoUring;

/// <summary>A file's way into the socket, past the ring.</summary>
/// <remarks>
/// The ring has no sendfile. Its splice needs a pipe between, and always runs on a kernel thread: two hops for each 64 KiB. So
/// sendfile(2) is called here, and only the wait for room is the ring's. The sockets of this driver are in blocking mode, which the
/// ring wants (a send in the ring that finds no room must wait and not fail), and sendfile knows no flag for one call: O_NONBLOCK
/// is set around it. Nothing sees that. Receives and sends in the ring go by MSG_DONTWAIT and not by the file's flag; what is armed
/// makes progress inside an enter of this thread alone (DEFER_TASKRUN), of which there is none between the two; and no send is in
/// the ring while a file's is under way. The two calls take 0.2 µs together.
/// </remarks>
internal sealed unsafe partial class IoUringConnection
{
    private uint MoreFlag => (_state & State.MoreFollows) != 0 ? (uint)Libc.MSG_MORE : 0;

    public override void StartSendWithMore(in ReadOnlySequence<byte> data)
    {
        _state |= State.MoreFollows;
        StartSend(data);
    }

    public override void StartSendFile(SafeFileHandle file, long offset, long count)
    {
        Debug.Assert((_state & (State.Sending | State.Closing)) == 0 && count >= 0, "A send can't start now.");
        _carrier = new FileSend(file, offset, count);
        _state |= State.Sending;
        _driver.GatherFile(this);
    }

    /// <summary>Offers the next piece of the file; whether that ended the send.</summary>
    public bool SendFilePiece()
    {
        // Closed meanwhile, so that the descriptor may be another's.
        if ((_state & State.Closing) != 0 || _carrier is not FileSend file)
        {
            return false;
        }

        switch (Offer(file))
        {
            case FileSendStep.Done or FileSendStep.Failed:
                EndSend(file.Error);
                return true;
            case FileSendStep.Cut:
                _driver.GatherFile(this);
                return false;
            default:
                // Less than offered was taken, so there is no room, or soon will be none: a poll tells either way.
                WaitForRoom(file);
                return false;
        }
    }

    private FileSendStep Offer(FileSend file)
    {
        Libc.SetOnlyNonBlocking(_fd, true);
        FileSendStep step = file.Send(_fd);
        Libc.SetOnlyNonBlocking(_fd, false);
        _driver.CountCalls(3);
        return step;
    }

    private void WaitForRoom(FileSend file)
    {
        file.IsWaitingForRoom = true;
        var entry = new SubmissionEntry { Opcode = IoUringAbi.OpPollAdd, Fd = _fd, OperationFlags = Libc.EPOLLOUT };
        Push(OperationKind.Poll, ref entry);
    }

    /// <summary>Also when the poll failed or was cancelled: the next call tells what is wrong.</summary>
    private void FoundRoom()
    {
        var file = (FileSend)_carrier!;
        file.IsWaitingForRoom = false;
        if ((_state & State.Closing) != 0)
        {
            EndSend(SocketError.OperationAborted);
        }
        else
        {
            _driver.GatherFile(this);
        }
    }

    private void CloseFile(FileSend file)
    {
        if (file.IsWaitingForRoom)
        {
            _driver.Cancel(this, OperationKind.Poll);
        }
        else
        {
            EndSend(SocketError.OperationAborted);
        }
    }

    private void FreeCarrier()
    {
        object? carrier = _carrier;
        _carrier = null;
        switch (carrier)
        {
            case SendBatch batch:
                batch.Free();
                break;
            case FileSend file:
                file.Release();
                break;
        }
    }
}
