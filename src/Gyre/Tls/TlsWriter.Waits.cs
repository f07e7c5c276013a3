using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;
using Gyre.LowLevel;

namespace Gyre.Tls;

internal sealed partial class TlsWriter
{
    private sealed class FlushWait(TlsWriter writer) : WaitSource(writer._loop), IValueTaskSource<FlushResult>, IValueTaskSource
    {
        public ValueTask<FlushResult> Task => new(this, Version);

        public ValueTask TaskOfStream => new(this, Version);

        public void Begin(TlsConnection connection, CancellationToken token) => Park(WaitKind.Send, connection, token);

        public void WakeIfParked(Exception? error)
        {
            if (IsParked)
            {
                Wake(error);
            }
        }

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
                ExceptionDispatchInfo.Throw(writer._error!);
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
}
