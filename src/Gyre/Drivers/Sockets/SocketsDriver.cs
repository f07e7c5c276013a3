using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gyre.Time;

namespace Gyre.Drivers.Sockets;

/// <summary>The driver over the BCL's sockets, for any operating system.</summary>
/// <remarks>
/// The BCL finds out on threads of its own that a socket is ready, and each time that costs two changes of thread and a
/// wake. So that way is the last resort: the loop's thread calls the sockets itself, without blocking. A connection that
/// has received is looked at again when its answer is sent and, as long as there is other work, one turn more has passed,
/// in which the peer's next bytes can arrive. Only what is empty then goes the long way.
/// </remarks>
[DebuggerDisplay("sockets, {_connections} connections, {_gathered.Count} gathered, {_unfinished.Count} unfinished")]
internal sealed class SocketsDriver : Driver
{
    public const string DriverName = "sockets";

    /// <summary>Operations kept for sends that have to wait; a connection needs one only while its peer is slow.</summary>
    private const int SendOperationsKeptMax = 64;

    private readonly CompletionQueue _queue = new();
    private readonly LentBuffers _buffers = new();
    private readonly List<ISocketsTarget> _open = [];
    private readonly Queue<ISocketsTarget> _gathered = new();
    private readonly Queue<ISocketsTarget> _unfinished = new();
    private readonly Stack<SocketsOperation> _sendOperations = new();
    private readonly List<ArraySegment<byte>> _segments = [];
    private int _ripe;
    private int _connections;
    private long _waits;
    private long _completions;
    private bool _disposed;

    private SocketsDriver()
    {
    }

    public override string Name => DriverName;

    public override DriverCapabilities Capabilities =>
        DriverCapabilities.HandOver | DriverCapabilities.RealWorld | DriverCapabilities.IdleWithoutBuffer |
        DriverCapabilities.AdoptListener |
        (SocketsSetup.CanShare ? DriverCapabilities.SharedListen : DriverCapabilities.None);

    public override bool IdleTurnIsFree => true;

    public override DriverStatistics Statistics =>
        new(SystemCalls: 0, _waits, _completions, _connections, _buffers.Held, StaleCompletions: 0);

    internal LentBuffers Buffers => _buffers;

    internal CompletionQueue Queue => _queue;

    /// <summary>Whether there is other work in this turn, so that whoever finds nothing may as well look again in the next.</summary>
    internal bool IsBusy { get; private set; }

    /// <summary>Makes a driver on the calling thread, which will be the loop's.</summary>
    public static SocketsDriver Create()
    {
        SocketsWarmUp.Ensure();
        return new SocketsDriver();
    }

    public override long GetTimestamp() => SystemClock.Nanoseconds;

    public override DateTimeOffset GetUtcNow() => SystemClock.UtcNow;

    public override DriverListener Listen(IPEndPoint endPoint, ListenOptions options)
    {
        var listener = new SocketsListener(this, SocketsSetup.OpenListener(endPoint, options), options.NoDelay);
        Add(listener);
        return listener;
    }

    public override DriverListener AdoptListener(ListenerHandle listener, ListenOptions options)
    {
        ObjectDisposedException.ThrowIf(listener.IsClosed, listener);
        var adopted = new SocketsListener(this, SocketsSetup.Adopt(listener, options), options.NoDelay);
        Add(adopted);
        return adopted;
    }

    public override DriverOperation StartConnect(IPEndPoint endPoint, ConnectOptions options, IConnectHandler handler)
    {
        var attempt = new SocketsConnect(this, handler);
        Add(attempt);
        attempt.Start(endPoint, options);
        return attempt;
    }

    public override DriverConnection Adopt(object detached) => AddConnection((Socket)detached);

    public override void Submit()
    {
        // What handlers gather meanwhile is for the next time, hence the fixed count.
        for (int count = _gathered.Count; count > 0; count--)
        {
            ISocketsTarget target = _gathered.Dequeue();
            target.IsGathered = false;
            target.RunGathered();
        }
    }

    public override int Turn(long timeoutNanoseconds)
    {
        long before = _completions;
        Submit();
        DeliverCompletions();
        ContinueUnfinished(before);
        if (timeoutNanoseconds != 0 && _completions == before && _gathered.Count == 0 && _unfinished.Count == 0)
        {
            _waits++;
            _queue.Sleep(timeoutNanoseconds);
            DeliverCompletions();
        }

        return (int)(_completions - before);
    }

    public override void Wake() => _queue.Wake();

    /// <summary>
    /// Has <see cref="ISocketsTarget.RunGathered"/> called by the next <see cref="Submit"/>, once however often it is asked for.
    /// </summary>
    internal void Gather(ISocketsTarget target)
    {
        if (!target.IsGathered)
        {
            target.IsGathered = true;
            _gathered.Enqueue(target);
        }
    }

    /// <summary>
    /// Has <see cref="ISocketsTarget.Continue"/> called in the next <see cref="Turn"/>, or the one after it when there is other
    /// work.
    /// </summary>
    internal void ContinueLater(ISocketsTarget target) => _unfinished.Enqueue(target);

    /// <summary>Counts an event that is about to be delivered.</summary>
    internal void CountEvent() => _completions++;

    internal SocketsConnection AddConnection(Socket socket)
    {
        var connection = new SocketsConnection(this, socket);
        Add(connection);
        _connections++;
        return connection;
    }

    internal void RemoveConnection(SocketsConnection connection)
    {
        _connections--;
        Remove(connection);
    }

    internal void Remove(ISocketsTarget target)
    {
        // The last takes the place of the one that goes.
        ISocketsTarget last = _open[^1];
        _open[target.Index] = last;
        last.Index = target.Index;
        _open.RemoveAt(_open.Count - 1);
        target.Index = -1;
    }

    /// <summary>An operation for a send that has to wait; give it back with <see cref="ReturnSendOperation"/>.</summary>
    internal SocketsOperation RentSendOperation(ISocketsTarget target)
    {
        if (!_sendOperations.TryPop(out SocketsOperation? operation))
        {
            operation = new SocketsOperation(_queue);
        }

        operation.Target = target;
        return operation;
    }

    internal void ReturnSendOperation(SocketsOperation operation)
    {
        operation.Target = null;
        operation.SetBuffer(Memory<byte>.Empty);
        if (_sendOperations.Count < SendOperationsKeptMax)
        {
            _sendOperations.Push(operation);
        }
        else
        {
            operation.Dispose();
        }
    }

    /// <summary>
    /// The first segments of <paramref name="data"/> as the BCL takes them; the list is valid until the next call. Empty when
    /// the memory has no arrays.
    /// </summary>
    internal List<ArraySegment<byte>> SegmentsOf(in ReadOnlySequence<byte> data)
    {
        // A socket's send buffer rarely takes more at once, and the BCL pins each.
        const int segmentsMax = 64;
        _segments.Clear();
        foreach (ReadOnlyMemory<byte> memory in data)
        {
            if (_segments.Count == segmentsMax || !MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment))
            {
                break;
            }

            if (segment.Count > 0)
            {
                _segments.Add(segment);
            }
        }

        return _segments;
    }

    protected override void Dispose(bool disposing)
    {
        if (_disposed)
        {
            return;
        }

        // What is under way ends on threads of the pool and enters a queue that nobody reads any more. Its memory is
        // managed, so it lives as long as the BCL needs it.
        _disposed = true;
        foreach (ISocketsTarget target in _open)
        {
            target.CloseAtDisposal();
        }
    }

    private void Add(ISocketsTarget target)
    {
        target.Index = _open.Count;
        _open.Add(target);
    }

    /// <summary>
    /// Goes on with what has waited for a turn; with what is newer only when that, and everything before it, brought nothing.
    /// </summary>
    private void ContinueUnfinished(long completionsBefore)
    {
        int newer = _unfinished.Count - _ripe;
        IsBusy = true;
        for (; _ripe > 0; _ripe--)
        {
            _unfinished.Dequeue().Continue();
        }

        IsBusy = _completions != completionsBefore;
        if (IsBusy)
        {
            _ripe = newer;
            return;
        }

        for (; newer > 0; newer--)
        {
            _unfinished.Dequeue().Continue();
        }
    }

    private void DeliverCompletions()
    {
        SocketsOperation? operation = _queue.TakeAll();
        while (operation is not null)
        {
            // An operation may be used again, and so enter the queue again, while its completion is delivered.
            SocketsOperation? next = operation.Next;
            operation.Next = null;
            operation.Target!.Complete(operation);
            operation = next;
        }
    }
}
