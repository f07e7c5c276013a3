using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre.Channels;

/// <summary>The waits of flows that read from one source, recycled.</summary>
/// <param name="loop">The loop of the source.</param>
/// <param name="subject">What the flows wait for, for the tree.</param>
internal sealed class ReadWaits<T>(EventLoop loop, object subject)
{
    private KeptWaits<Wait> _kept;

    /// <summary>Parks the current flow in the queue of <paramref name="source"/>. Cancellation was checked before.</summary>
    public ValueTask<T> ParkIn(ISource<T> source, ScopeContext context, CancellationToken token)
    {
        Wait wait = Rent();
        source.Add(wait.Node);
        return wait.BeginAsync(context, token);
    }

    /// <summary>For a flow that has <paramref name="item"/> already and has to let its peers run first.</summary>
    public ValueTask<T> InNextTurn(ScopeContext context, T item) => Rent().GiveInNextTurn(context, item);

    private Wait Rent() => _kept.Take() ?? new Wait(this, loop);

    private sealed class Wait : WaitSource, IValueTaskSource<T>, IKeptWait<Wait>
    {
        private readonly ReadWaits<T> _waits;
        private T? _item;

        public Wait(ReadWaits<T> waits, EventLoop loop)
            : base(loop)
        {
            _waits = waits;
            Node = new Place(this);
        }

        public Receiver<T> Node { get; }

        public Wait? NextKept { get; set; }

        public ValueTask<T> BeginAsync(ScopeContext context, CancellationToken token)
        {
            ParkIn(context, WaitKind.ChannelRead, _waits.Subject, token);
            return new ValueTask<T>(this, Version);
        }

        public ValueTask<T> GiveInNextTurn(ScopeContext context, T item)
        {
            _item = item;
            GoOnInNextTurn(context);
            return new ValueTask<T>(this, Version);
        }

        public void Give(T item)
        {
            _item = item;
            Wake(exception: null);
        }

        public void End(Exception failure) => Wake(failure);

        public T GetResult(short token)
        {
            // Throws for a stale token, before the wait, which is somebody else's by then, could be given back once more.
            Exception? failure = EndWait(token);
            T item = _item!;
            _item = default;
            _waits._kept.Keep(this);
            if (failure is not null)
            {
                ExceptionDispatchInfo.Throw(failure);
            }

            return item;
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

    private object Subject => subject;

    private sealed class Place(Wait wait) : Receiver<T>
    {
        public override void OnGiven(T item) => wait.Give(item);

        public override void OnEnded(Exception? failure) => wait.End(ClosedError.Of(wait.Description.Subject!, failure));
    }
}
