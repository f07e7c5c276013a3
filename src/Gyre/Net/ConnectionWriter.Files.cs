using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Gyre.Net;

internal sealed partial class ConnectionWriter
{
    /// <summary>Whether nothing can be sent any more.</summary>
    public bool IsBroken => _error is not null || _connection.IsClosed;

    /// <summary>Why not.</summary>
    public Exception BrokenReason => _error ??= _connection.ClosedReason;

    /// <summary>Whether a file's bytes are on their way, of which the peer may have some.</summary>
    public bool IsSendingFile => _isCopyingFile || _wait is FileTransfer;

    /// <summary>Whether a file is read into the output. Set by the one who reads it, cleared when the last of it is committed or it failed.</summary>
    public bool IsCopyingFile
    {
        set => _isCopyingFile = value;
    }

    /// <summary>Commits and waits as a stream does: a broken connection throws.</summary>
    public ValueTask FlushOrThrowAsync(CancellationToken token)
    {
        Commit();
        if (IsBroken)
        {
            return ValueTask.FromException(BrokenReason);
        }

        return MustWait() ? Park(token).TaskOfStream : default;
    }

    /// <summary>
    /// Commits what was written, and lets a file follow it. Until <see cref="EndFile"/> nothing else can be flushed.
    /// </summary>
    public FileTransfer BeginFile(SafeFileHandle file)
    {
        Commit();
        var transfer = new FileTransfer(_connection, this, _wait, file);
        _wait = transfer;
        return transfer;
    }

    /// <summary>The file is sent, or won't be. Once however often it is called.</summary>
    public void EndFile(FileTransfer transfer)
    {
        if (_wait != transfer)
        {
            return;
        }

        _wait = transfer.Replaced;
        if (transfer.IsUnderWay)
        {
            // The connection is being aborted; what is in flight is over when the driver has closed it.
            return;
        }

        if (transfer.HasStarted)
        {
            _inFlight = 0;
        }

        QueueFlush();
        ShutDownWhenSent();
    }

    /// <summary>
    /// Starts a window once nothing that was committed is left to send before the file. From its first window on the file counts as
    /// one byte in flight, also between the windows, so that nothing that is committed meanwhile gets between them.
    /// </summary>
    public void StartFileWhenFree(FileTransfer transfer)
    {
        if (transfer.IsWaitingForItsTurn && (transfer.HasStarted || IsIdle))
        {
            _inFlight = 1;
            transfer.Start();
        }
    }

    /// <summary>Forgets memory that was got and not filled, because what it was got for has failed and the connection with it.</summary>
    public void AbandonLease()
    {
        _leased = false;
        if (IsBroken)
        {
            DropUnsent();
        }
    }

    /// <summary>Throws when a file is being sent, behind which nothing can be flushed yet.</summary>
    public void VerifyNoFile()
    {
        if (IsSendingFile)
        {
            throw new InvalidOperationException(
                $"A file is being sent on {_connection}; await SendFileAsync before the next flush. One flow at a time may write.");
        }
    }

    private void OnFileSent(FileTransfer transfer, SocketError error)
    {
        transfer.End(error);
        if (error is SocketError.Success or SocketError.MessageSize or SocketError.OperationNotSupported)
        {
            transfer.WakeIfParked(null);
            return;
        }

        _inFlight = 0;
        Fail(_connection.BrokenBy(error, "sending a file"));
    }
}
