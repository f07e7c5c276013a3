using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;
using Gyre.LowLevel;

namespace Gyre.Net;

internal abstract partial class LoopPipeReader<TConnection>
{
    /// <summary>A wait of this reader, whatever its result type.</summary>
    private interface IReadWait
    {
        void Begin(TConnection connection, CancellationToken token);

        void End(Exception? error);

        /// <summary>There is something to read, but the peers run first.</summary>
        void EndInNextTurn();
    }

    private sealed class PipeWait(LoopPipeReader<TConnection> reader, EventLoop loop) : WaitSource(loop), IReadWait, IValueTaskSource<ReadResult>
    {
        public ValueTask<ReadResult> Task => new(this, Version);

        public void Begin(TConnection connection, CancellationToken token) => Park(WaitKind.Receive, connection, token);

        public void End(Exception? error) => Wake(error);

        public void EndInNextTurn() => WakeInNextTurn();

        public ReadResult GetResult(short token)
        {
            Exception? error = EndWait(token) ?? reader.Receive();
            if (error is not null)
            {
                reader.DropUnreadIfClosed();
                ExceptionDispatchInfo.Throw(error);
            }

            return reader.TakeResult();
        }

        public ValueTaskSourceStatus GetStatus(short token) => StatusOf(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            SetContinuation(continuation, state, token, flags);

        private protected override bool OnAbort()
        {
            reader._parked = null;
            return true;
        }
    }

    private sealed class CopyWait(LoopPipeReader<TConnection> reader, EventLoop loop) : WaitSource(loop), IReadWait, IValueTaskSource<int>
    {
        public Memory<byte> Destination { get; set; }

        public ValueTask<int> Task => new(this, Version);

        public void Begin(TConnection connection, CancellationToken token) => Park(WaitKind.Receive, connection, token);

        public void End(Exception? error) => Wake(error);

        public void EndInNextTurn() => WakeInNextTurn();

        public int GetResult(short token)
        {
            Exception? error = EndWait(token);
            Memory<byte> destination = Destination;
            Destination = default;
            int copied = 0;
            error ??= reader.TryCopyOut(destination, out copied);
            reader.DropUnreadIfClosed();
            if (error is not null)
            {
                ExceptionDispatchInfo.Throw(error);
            }

            return copied;
        }

        public ValueTaskSourceStatus GetStatus(short token) => StatusOf(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            SetContinuation(continuation, state, token, flags);

        private protected override bool OnAbort()
        {
            reader._parked = null;
            return true;
        }
    }
}
