using System.Diagnostics;
using Gyre.Diagnostics;
using Gyre.Http.Protocol;
using Gyre.LowLevel;
using Gyre.Net;
using Microsoft.Extensions.Logging;

namespace Gyre.Http.Server;

/// <summary>The server's part on one loop: connections, pooled contexts, the clock of deadlines and dates.</summary>
/// <remarks>Used on its loop, but for what other threads call by name.</remarks>
[DebuggerDisplay("{_count} connections")]
internal sealed partial class LoopServer
{
    /// <summary>A <see cref="Second"/> that never comes.</summary>
    public const int Never = int.MaxValue;

    /// <summary>Contexts kept for reuse: a few KiB each, so 256 are about 1 MiB at the most.</summary>
    private const int ContextsKeptMax = 256;

    /// <summary>Bytes that a flush leaves unsent at the most when it waits no longer.</summary>
    private const int UnsentBytesMax = 64 * 1024;

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly EventLoop _loop = EventLoop.Current;
    private readonly HttpHandler _pipeline;
    private readonly ConnectionPreamble? _preamble;
    private readonly Stack<HttpContext> _contexts = new();
    private readonly Stack<JsonScratch> _scratches = new();
    private readonly DateHeader _date = new();
    private readonly int _connectionsMax;

    /// <summary>Those, and the ones that are accepted to be turned away.</summary>
    private readonly int _placesMax;
    private readonly Wait<bool> _room = new(EventLoop.Current);
    private HttpConnection? _first;
    private TaskGroup? _group;
    private readonly RequestIds _requestIds = RequestIds.Of(EventLoop.Current);

    /// <summary>Connections that are served, or for which a place is kept; the accepting loop's thread counts too.</summary>
    private int _count;

    /// <param name="options">Of the server.</param>
    /// <param name="pipeline">Answers requests.</param>
    /// <param name="essentials">What is never shed.</param>
    /// <param name="limit">Connections at a time.</param>
    /// <param name="preamble">What connections begin with, if that isn't HTTP.</param>
    public LoopServer(HttpServerOptions options, HttpHandler pipeline, EssentialPaths essentials, ConnectionLimit limit, ConnectionPreamble? preamble = null)
    {
        _preamble = preamble;
        Options = options;
        Essentials = essentials;
        Logger = new SafeLogger(options.Logger);
        _pipeline = pipeline;
        _connectionsMax = limit.Connections;
        _placesMax = (int)Math.Min(int.MaxValue, (long)limit.Connections + limit.Surplus);
        _date.Update(_loop.Clock.GetUtcNow());
    }

    public HttpServerOptions Options { get; }

    public EssentialPaths Essentials { get; }

    public ILogger Logger { get; }

    /// <summary>Requests whose handlers are suspended; one more may be running.</summary>
    public int RequestsInFlight { get; set; }

    /// <summary>
    /// Seconds that this server has counted: free to read, and good enough for deadlines of seconds. A loop that stalls makes
    /// them longer, never shorter, so that nobody is timed out for what this side did.
    /// </summary>
    public int Second { get; private set; }

    /// <summary>Whether one more request would be one too many.</summary>
    public bool IsOverloaded => Options.RequestsPerLoopMax > 0 && RequestsInFlight >= Options.RequestsPerLoopMax;

    public ReadOnlySpan<byte> Date => _date.Encoded;

    /// <summary>Called when a place became free where there was none. Loop thread.</summary>
    public Action? RoomMade { get; set; }

    /// <summary>
    /// The <see cref="Second"/> at which <paramref name="timeout"/> has passed: never early, at most a second late for whole
    /// seconds.
    /// </summary>
    public int DeadlineAfter(TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            return Never;
        }

        long seconds = (timeout.Ticks / TimeSpan.TicksPerSecond) + (timeout.Ticks % TimeSpan.TicksPerSecond > 0 ? 1 : 0);
        return (int)Math.Min(Never, Second + 1 + seconds);
    }

    /// <summary>
    /// How long the peer may take to make room for <paramref name="bytes"/> more: the grace, and what they take at the least
    /// rate.
    /// </summary>
    public TimeSpan SlowestWrite(long bytes)
    {
        int rate = Options.BodyBytesPerSecondMin;
        return rate == 0 ? Timeout.InfiniteTimeSpan : Options.BodyGrace + TimeSpan.FromSeconds((UnsentBytesMax + bytes) / (double)rate);
    }

    /// <summary>Keeps a place for a connection that is about to be accepted; false when there is none.</summary>
    public bool TryKeepPlaceFromAnyThread()
    {
        int count = Volatile.Read(ref _count);
        while (count < _placesMax)
        {
            int found = Interlocked.CompareExchange(ref _count, count + 1, count);
            if (found == count)
            {
                return true;
            }

            count = found;
        }

        return false;
    }

    /// <summary>Keeps a place for a connection that was accepted already, whatever the limit.</summary>
    public void KeepPlaceAnywayFromAnyThread() => Interlocked.Increment(ref _count);

    /// <summary>Takes a connection for which a place was kept.</summary>
    /// <exception cref="ObjectDisposedException">The loop has ended.</exception>
    public void TakeFromAnyThread(DetachedTcpConnection connection) => _loop.PostFromAnyThread(() => Take(connection));

    public HttpContext RentContext(HttpConnection connection)
    {
        HttpContext context = _contexts.TryPop(out HttpContext? pooled) ? pooled : new HttpContext(Options.Limits);
        context.Connection = connection;
        return context;
    }

    public void ReturnContext(HttpContext context)
    {
        context.Recycle();
        if (_contexts.Count < ContextsKeptMax)
        {
            _contexts.Push(context);
        }
    }

    public ValueTask Dispatch(HttpContext context) => _pipeline(context);

    public string NextRequestId() => _requestIds.Next();

    /// <summary>One of its own for each that serializes at the time: handlers may take turns within a value's converter.</summary>
    public JsonScratch TakeJsonScratch() => _scratches.TryPop(out JsonScratch? scratch) ? scratch : new JsonScratch();

    public void GiveJsonScratch(JsonScratch scratch) => _scratches.Push(scratch);

    private Task ServeConnectionsAsync(Func<Task> feed) => TaskGroup.RunAsync(async group =>
    {
        _group = group;
        try
        {
            group.Spawn(TickAsync, "http deadlines");
            await CancelScope.RunAsync(scope =>
            {
                OpenForConnections(scope);
                return feed();
            });
            await FinishAsync();
            group.Cancel("the server has drained");
        }
        finally
        {
            _group = null;
        }
    });

    /// <summary>A connection has been served; its place is given up when it is closed.</summary>
    public void Forget(HttpConnection connection)
    {
        Unlink(connection);
        OnServed(connection.IsSurplus);
    }

    private async Task TickAsync()
    {
        while (true)
        {
            await Coroutine.SleepAsync(s_second);
            Second++;
            _date.Update(_loop.Clock.GetUtcNow());
            TickParts();
            for (HttpConnection? connection = _first; connection is not null; connection = connection.Next)
            {
                // Ends nothing at once: what is woken here runs in a later turn, so the list stays as it is.
                connection.CheckDeadlines();
            }
        }
    }

    /// <summary>Gives up a place that was kept for nothing.</summary>
    public void GiveUpPlaceFromAnyThread() => _loop.PostFromAnyThread(GiveUpPlace);

    /// <summary>The system has let go of a connection.</summary>
    public void GiveUpPlace()
    {
        if (Interlocked.Decrement(ref _count) == _placesMax - 1)
        {
            _room.TryWake(true);
            RoomMade?.Invoke();
        }
    }

    private void Link(HttpConnection connection)
    {
        connection.Next = _first;
        _first?.Previous = connection;
        _first = connection;
    }

    private void Unlink(HttpConnection connection)
    {
        if (connection.Previous is { } previous)
        {
            previous.Next = connection.Next;
        }
        else
        {
            _first = connection.Next;
        }

        connection.Next?.Previous = connection.Previous;
    }
}
