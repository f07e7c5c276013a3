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
    private const int KeptMax = 16;

    private Wait? _last;
    private Wait? _kept;
    private int _keptCount;

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

    /// <summary>The one that was returned last is apart from the others: a flow that writes and writes costs one reference.</summary>
    private Wait Rent()
    {
        if (_last is { } last)
        {
            _last = null;
            return last;
        }

        if (_kept is not { } wait)
        {
            return new Wait(this, loop);
        }

        _kept = wait.NextKept;
        _keptCount--;
        wait.NextKept = null;
        return wait;
    }

    private void Return(Wait wait)
    {
        if (_last is null)
        {
            _last = wait;
        }
        else if (_keptCount < KeptMax)
        {
            wait.NextKept = _kept;
            _kept = wait;
            _keptCount++;
        }
    }

    private object Subject => subject;

    private sealed class Wait : WaitSource, IValueTaskSource
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
            _waits.Return(this);
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
