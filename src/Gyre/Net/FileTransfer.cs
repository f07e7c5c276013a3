using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;
using Gyre.LowLevel;
using Microsoft.Win32.SafeHandles;

namespace Gyre.Net;

/// <summary>
/// A file that a driver sends, window by window. It stands in the place of the connection's flush wait for as long as it lives, so
/// that a connection which sends none is no larger for it.
/// </summary>
[DebuggerDisplay("{_count} bytes from {_offset}, under way = {IsUnderWay}")]
internal sealed class FileTransfer(TcpConnection connection, ConnectionWriter writer, OutputWait? replaced, SafeFileHandle file)
    : OutputWait(connection.Loop), IValueTaskSource
{
    private long _offset;
    private long _count;

    /// <summary>The wait whose place this takes.</summary>
    public OutputWait? Replaced { get; } = replaced;

    /// <summary>Whether the driver has a window of the file. Set when it is started, cleared by its end.</summary>
    public bool IsUnderWay { get; private set; }

    /// <summary>Whether the driver was given a window at all. Never cleared.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>Whether a window waits for the bytes before it.</summary>
    public bool IsWaitingForItsTurn { get; private set; }

    /// <summary>How the last window ended.</summary>
    public SocketError Error { get; private set; }

    /// <summary>Sends a window behind everything that was committed. A checkpoint; cancelled in it, the connection is aborted.</summary>
    public ValueTask SendAsync(long offset, long count, CancellationToken token)
    {
        if (CancellationOf(Loop, token) is { } cancellation)
        {
            return ValueTask.FromException(cancellation);
        }

        if (writer.IsBroken)
        {
            return ValueTask.FromException(writer.BrokenReason);
        }

        _offset = offset;
        _count = count;
        IsWaitingForItsTurn = true;
        Park(WaitKind.Send, connection, token);
        if (IsParked)
        {
            writer.StartFileWhenFree(this);
        }

        return new ValueTask(this, Version);
    }

    /// <summary>Hands the window to the driver.</summary>
    public void Start()
    {
        IsWaitingForItsTurn = false;
        IsUnderWay = true;
        HasStarted = true;
        connection.Driver.StartSendFile(file, _offset, _count);
    }

    /// <summary>The driver is done with the window; whoever waits for it isn't woken yet.</summary>
    public void End(SocketError error)
    {
        IsUnderWay = false;
        Error = error;
    }

    void IValueTaskSource.GetResult(short token)
    {
        TakeOutcome(token);
        if (writer.IsBroken)
        {
            ExceptionDispatchInfo.Throw(writer.BrokenReason);
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => StatusOf(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        SetContinuation(continuation, state, token, flags);

    /// <summary>Before the wait has ended: the writer forgets this first, or the closing would end it as broken.</summary>
    private protected override bool OnAbort()
    {
        writer.EndFile(this);
        connection.Abort();
        return true;
    }
}
