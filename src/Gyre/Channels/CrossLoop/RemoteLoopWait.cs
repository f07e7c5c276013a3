using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre.Channels;

/// <summary>A flow of some loop that waits at a channel between loops: it is woken by a post to its loop.</summary>
/// <param name="loop">The flow's loop.</param>
/// <param name="gate">The channel's lock.</param>
internal sealed class RemoteLoopWait<TResult>(EventLoop loop, Lock gate) : RemoteWait<TResult>
{
    private readonly Parked _parked = new(loop, gate);
    private TResult? _result;
    private Exception? _failure;

    public ValueTask<TResult> Begin(ScopeContext context, WaitKind kind, object subject, CancellationToken token) =>
        _parked.BeginAsync(this, context, kind, subject, token);

    public override bool TryDeliver(TResult result, Exception? failure)
    {
        _result = result;
        _failure = failure;
        return loop.TryPost(new ReadyItem(static self => ((RemoteLoopWait<TResult>)self!).WakeAtHome(), this, loop.Root, RestoreContext: false));
    }

    private void WakeAtHome() => _parked.End(_result!, _failure);

    private sealed class Parked(EventLoop loop, Lock gate) : WaitSource(loop), IValueTaskSource<TResult>
    {
        private RemoteWait<TResult>? _place;
        private TResult? _result;

        public ValueTask<TResult> BeginAsync(
            RemoteWait<TResult> place, ScopeContext context, WaitKind kind, object subject, CancellationToken token)
        {
            _place = place;
            ParkIn(context, kind, subject, token);
            return new ValueTask<TResult>(this, Version);
        }

        public void End(TResult result, Exception? failure)
        {
            _result = result;
            Wake(failure);
        }

        public TResult GetResult(short token)
        {
            if (EndWait(token) is { } failure)
            {
                ExceptionDispatchInfo.Throw(failure);
            }

            return _result!;
        }

        public ValueTaskSourceStatus GetStatus(short token) => StatusOf(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            SetContinuation(continuation, state, token, flags);

        /// <summary>One that was chosen already has something on its way, which must not be lost: it waits for that.</summary>
        private protected override bool OnAbort()
        {
            lock (gate)
            {
                bool waited = _place!.IsQueued;
                _place.Leave();
                return waited;
            }
        }
    }
}
