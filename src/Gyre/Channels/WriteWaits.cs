using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre.Channels;

/// <summary>The waits of flows that write to one channel, recycled.</summary>
/// <inheritdoc cref="ReadWaits{T}"/>
internal sealed class WriteWaits<T>(EventLoop loop, object subject)
{
    private KeptWaits<Wait> _kept;

    /// <summary>Parks the current flow with its item in the queue of <paramref name="core"/>. Cancellation was checked before.</summary>
    public ValueTask ParkIn(ChannelCore<T> core, T item, ScopeContext context, CancellationToken token, object? end = null)
    {
        Wait wait = Rent();
        wait.Node.End = end;
        wait.Node.Item = item;
        core.Add(wait.Node);
        return wait.BeginAsync(context, token);
    }

    /// <summary>For a flow whose item was taken already, and that has to let its peers run first.</summary>
    public ValueTask InNextTurn(ScopeContext context) => Rent().GoOnLater(context);

    private Wait Rent() => _kept.Take() ?? new Wait(this, loop);

    private object Subject => subject;

    private sealed class Wait : WaitSource, IValueTaskSource, IKeptWait<Wait>
    {
        private readonly WriteWaits<T> _waits;

        public Wait(WriteWaits<T> waits, EventLoop loop)
            : base(loop)
        {
            _waits = waits;
            Node = new Place(this);
        }

        public Sender<T> Node { get; }

        public Wait? NextKept { get; set; }

        public ValueTask BeginAsync(ScopeContext context, CancellationToken token)
        {
            ParkIn(context, WaitKind.ChannelWrite, _waits.Subject, token);
            return new ValueTask(this, Version);
        }

        public ValueTask GoOnLater(ScopeContext context)
        {
            GoOnInNextTurn(context);
            return new ValueTask(this, Version);
        }

        public void End(Exception? failure) => Wake(failure);

        public void GetResult(short token)
        {
            // Throws for a stale token, before the wait, which is somebody else's by then, could be given back once more.
            Exception? failure = EndWait(token);
            Node.Item = default;
            _waits._kept.Keep(this);
            if (failure is not null)
            {
                ExceptionDispatchInfo.Throw(failure);
            }
        }

        public ValueTaskSourceStatus GetStatus(short token) => StatusOf(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            SetContinuation(continuation, state, token, flags);

        private protected override bool OnAbort()
        {
            Node.Leave();
            return true;
        }
    }

    private sealed class Place(Wait wait) : Sender<T>
    {
        public override void OnTaken() => wait.End(failure: null);

        public override void OnEnded(Exception? failure) => wait.End(ClosedError.Of(wait.Description.Subject!, failure));

        public override void OnRefused(Exception refusal) => wait.End(refusal);
    }
}
