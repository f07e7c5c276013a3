using System.Diagnostics;
using System.Net;
using Gyre.Diagnostics;
using Gyre.Http.Protocol;
using Gyre.Http.Routing;
using Gyre.LowLevel;
using Gyre.Net;

namespace Gyre.Http.Server;

/// <summary>The server's part on one loop: connections, pooled contexts, the clock of deadlines and dates.</summary>
[DebuggerDisplay("{_count} connections")]
internal sealed class LoopServer
{
    /// <summary>Contexts kept for reuse: a few KiB each, so 256 are about 1 MiB at the most.</summary>
    private const int ContextsKeptMax = 256;

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly EventLoop _loop = EventLoop.Current;
    private readonly ExactRoutes _routes;
    private readonly HttpHandler _fallback;
    private readonly Stack<HttpContext> _contexts = new();
    private readonly DateHeader _date = new();
    private readonly int _connectionsMax;
    private readonly Wait<bool> _room = new(EventLoop.Current);
    private HttpConnection? _first;
    private int _count;

    public LoopServer(HttpServerOptions options, ExactRoutes routes, HttpHandler fallback, int connectionsMax)
    {
        Options = options;
        _routes = routes;
        _fallback = fallback;
        _connectionsMax = connectionsMax;
        int rate = options.BodyBytesPerSecondMin;
        SlowestWrite = rate == 0 ? Timeout.InfiniteTimeSpan : options.BodyGrace + TimeSpan.FromSeconds(65536.0 / rate);
        Tick();
    }

    public HttpServerOptions Options { get; }

    /// <summary>How long the peer may take to make room for a response: grace, and what a full buffer takes at the least rate.</summary>
    public TimeSpan SlowestWrite { get; }

    /// <summary>The loop's time in ticks, updated once a second: good enough for deadlines of seconds, and free to read.</summary>
    public long Now { get; private set; }

    public ReadOnlySpan<byte> Date => _date.Encoded;

    public void Log(string line) => Options.Log(line);

    /// <summary>Accepts and serves until cancelled; then every connection ends.</summary>
    public Task RunAsync(TcpListener listener) => TaskGroup.RunAsync(async group =>
    {
        await using (listener)
        {
            group.Spawn(TickAsync, "http deadlines");
            while (true)
            {
                await WaitForRoomAsync();
                TcpConnection connection = await listener.AcceptAsync();
                Serve(group, connection);
            }
        }
    });

    /// <summary>Serves connections that another loop accepted, until cancelled.</summary>
    public Task RunAsync(Action<Action<TcpConnection>> subscribe) => TaskGroup.RunAsync(async group =>
    {
        group.Spawn(TickAsync, "http deadlines");
        subscribe(connection => Serve(group, connection));
        await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
    });

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

    public ValueTask Dispatch(HttpContext context)
    {
        RequestHead head = context.Reader.Head;
        return _routes.TryFind(head.PathSpan, head.Method, out HttpHandler? handler) ? handler(context) : _fallback(context);
    }

    private void Serve(TaskGroup group, TcpConnection tcp)
    {
        var connection = new HttpConnection(this, tcp);
        Add(connection);
        group.SpawnNow(
            async () =>
            {
                try
                {
                    await connection.RunAsync();
                }
                finally
                {
                    Remove(connection);
                }
            },
            "http connection");
    }

    private async Task TickAsync()
    {
        while (true)
        {
            await Coroutine.SleepAsync(s_second);
            Tick();
            HttpConnection? connection = _first;
            while (connection is not null)
            {
                HttpConnection? next = connection.Next;
                connection.CheckDeadline(Now);
                connection = next;
            }
        }
    }

    private void Tick()
    {
        Now = _loop.Time.Ticks;
        _date.Update(_loop.Clock.GetUtcNow());
    }

    private async ValueTask WaitForRoomAsync()
    {
        while (_count >= _connectionsMax)
        {
            await _room.ParkAsync(WaitKind.Other, this);
        }
    }

    private void Add(HttpConnection connection)
    {
        _count++;
        connection.Next = _first;
        _first?.Previous = connection;
        _first = connection;
    }

    private void Remove(HttpConnection connection)
    {
        _count--;
        if (connection.Previous is { } previous)
        {
            previous.Next = connection.Next;
        }
        else
        {
            _first = connection.Next;
        }

        connection.Next?.Previous = connection.Previous;
        _room.TryWake(true);
    }
}
