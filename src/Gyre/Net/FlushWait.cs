using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;

namespace Gyre.Net;

/// <summary>A flush that waits for room: as a pipe's, which reports a broken connection, or as a stream's, which throws it.</summary>
internal sealed class FlushWait(EventLoop loop, IFlushWaitOwner writer) : OutputWait(loop), IValueTaskSource<FlushResult>, IValueTaskSource
{
    public ValueTask<FlushResult> Task => new(this, Version);

    public ValueTask TaskOfStream => new(this, Version);

    public void Begin(object connection, CancellationToken token) => Park(WaitKind.Send, connection, token);

    public void WakeIfParkedInNextTurn()
    {
        if (IsParked)
        {
            WakeInNextTurn();
        }
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
    {
        TakeOutcome(token);
        return writer.TakeResult();
    }

    void IValueTaskSource.GetResult(short token)
    {
        TakeOutcome(token);
        if (writer.IsBroken)
        {
            ExceptionDispatchInfo.Throw(writer.BrokenReason);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => StatusOf(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => StatusOf(token);

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        SetContinuation(continuation, state, token, flags);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        SetContinuation(continuation, state, token, flags);
}
