using System.Collections.Concurrent;
using System.Net;

namespace Gyre.Http.Tests.Server;

/// <summary>
/// A server on loops of its own threads, on the driver that <c>GYRE_DRIVER</c> names. Disposing ends it and checks that it
/// ended well and left nothing behind.
/// </summary>
internal sealed class TestServer : IDisposable
{
    private readonly Thread _thread;
    private readonly TaskCompletionSource<IPEndPoint> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EventLoop? _loop;
    private CancelScope? _scope;
    private Exception? _failure;

    private readonly HttpEndpoint _endpoint;

    private TestServer(HttpServer server, int loops, HttpEndpoint endpoint)
    {
        _endpoint = endpoint;
        _thread = new Thread(() => Run(server, loops)) { IsBackground = true, Name = "test server" };
        _thread.Start();
    }

    public IPEndPoint EndPoint => _ready.Task.Result;

    public string DriverName { get; private set; } = "";

    /// <summary>What the server logged.</summary>
    public ConcurrentQueue<string> Log { get; private init; } = [];

    /// <summary>Starts a server with routes; its log goes to <see cref="Log"/>. Stopping it doesn't drain it, unless the options say so.</summary>
    public static async Task<TestServer> StartAsync(
        Action<HttpServer> configure, HttpServerOptions? options = null, int loops = 1, HttpEndpoint? endpoint = null)
    {
        var log = new ConcurrentQueue<string>();
        var server = new HttpServer((options ?? new HttpServerOptions { DrainTimeout = TimeSpan.Zero }) with { Logger = new LineLogger(log.Enqueue) });
        configure(server);
        var running = new TestServer(server, loops, endpoint ?? HttpEndpoint.Parse("http://127.0.0.1:0")) { Log = log };
        await running._ready.Task.OrFail();
        return running;
    }

    /// <summary>Starts one whose <c>/</c> says hello.</summary>
    public static Task<TestServer> StartHelloAsync(HttpServerOptions? options = null, int loops = 1) =>
        StartAsync(static server => server.Get("/", Handlers.Hello), options, loops);

    public Task<HttpPeer> ConnectAsync(int? receiveBufferBytes = null) => HttpPeer.ConnectAsync(EndPoint, receiveBufferBytes);

    /// <summary>Runs <paramref name="body"/> on the server's first loop.</summary>
    public Task<T> OnLoopAsync<T>(Func<T> body) => _loop!.InvokeAsync(() => Task.FromResult(body())).OrFail();

    /// <summary>Cancels the server and waits until it has ended.</summary>
    public void Stop()
    {
        if (_thread.IsAlive)
        {
            try
            {
                _loop?.PostFromAnyThread(() => _scope?.Cancel());
            }
            catch (ObjectDisposedException)
            {
                // It ended by itself; the failure below says why.
            }
        }

        Assert.True(_thread.Join(Patience.Limit), "The server didn't end after it was cancelled.");
    }

    public void Dispose()
    {
        Stop();
        Assert.Null(_failure);
    }

    private void Run(HttpServer server, int loops)
    {
        try
        {
            GyreRuntime.Run(() => ServeAsync(server), new RuntimeOptions { Loops = loops, HandleSignals = false });
        }
#pragma warning disable CA1031 // Rethrown to the test.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _failure = failure;
            _ready.TrySetException(failure);
        }
    }

    private async Task ServeAsync(HttpServer server)
    {
        _loop = EventLoop.Current;
        DriverName = _loop.DriverName;
        await CancelScope.RunAsync(scope =>
        {
            _scope = scope;
            return server.ServeAsync(_endpoint, _ready.SetResult);
        });
        foreach (EventLoop loop in EventLoopGroup.Current.Loops)
        {
            await loop.InvokeAsync(Leftovers.VerifyNoneAsync);
        }
    }
}
