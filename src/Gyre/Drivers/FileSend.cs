using System.Diagnostics;
using System.Net.Sockets;
using Gyre.Interop.Linux;
using Microsoft.Win32.SafeHandles;

namespace Gyre.Drivers;

/// <summary>What one call of a file's send came to.</summary>
internal enum FileSendStep
{
    /// <summary>Nothing is left to send.</summary>
    Done,

    /// <summary>As much was taken as one call may bring; more can go.</summary>
    Cut,

    /// <summary>Less was taken than was offered, or the call was interrupted.</summary>
    Short,

    /// <summary>The socket has no room.</summary>
    Full,

    /// <summary>It is over; <see cref="FileSend.Error"/> says why.</summary>
    Failed,
}

/// <summary>A file on its way into a socket by sendfile(2): what is left of it, and the reference on its handle.</summary>
[DebuggerDisplay("{_left} bytes from {_offset}")]
internal sealed class FileSend
{
    /// <summary>
    /// Bytes of one call, in which the loop does nothing else. 512 KiB are 60 to 150 µs over loop-back, where the call also does the
    /// receiver's part; each call costs 1 µs besides, so that a larger piece gains nothing that can be seen.
    /// </summary>
    public const int BytesPerCallMax = 512 * 1024;

    private readonly SafeFileHandle _file;
    private long _offset;
    private long _left;
    private bool _hasBegun;
    private bool _isReleased;

    /// <summary>Takes a reference on the handle, which <see cref="Release"/> gives back.</summary>
    public FileSend(SafeFileHandle file, long offset, long count)
    {
        bool referenced = false;
        file.DangerousAddRef(ref referenced);
        _file = file;
        _offset = offset;
        _left = count;
    }

    /// <summary>Why it failed.</summary>
    public SocketError Error { get; private set; }

    /// <summary>Whether the ring watches for room. Written by the driver that has one.</summary>
    public bool IsWaitingForRoom { get; set; }

    /// <summary>Offers the next piece to a socket that must not block.</summary>
    public FileSendStep Send(int socket)
    {
        if (_left == 0)
        {
            return FileSendStep.Done;
        }

        int offered = (int)Math.Min(_left, BytesPerCallMax);
        int result = Libc.SendFile(socket, (int)_file.DangerousGetHandle(), _offset, offered);
        if (result > 0)
        {
            _hasBegun = true;
            _offset += result;
            _left -= result;
        }

        return result switch
        {
            > 0 when _left == 0 => FileSendStep.Done,
            > 0 => result == offered ? FileSendStep.Cut : FileSendStep.Short,
            0 => Fail(SocketError.MessageSize),
            -Errno.EINTR => FileSendStep.Short,
            -Errno.EAGAIN => FileSendStep.Full,
            -Errno.EINVAL or -Errno.ENOSYS or -Errno.EOPNOTSUPP when !_hasBegun => Fail(SocketError.OperationNotSupported),
            _ => Fail(Errno.ToSocketError(-result)),
        };
    }

    /// <summary>Gives back the reference on the handle, once however often it is called.</summary>
    public void Release()
    {
        if (!_isReleased)
        {
            _isReleased = true;
            _file.DangerousRelease();
        }
    }

    private FileSendStep Fail(SocketError error)
    {
        Error = error;
        return FileSendStep.Failed;
    }
}
