using System.Net;
using Gyre.Http.Routing;
using Gyre.Net;

namespace Gyre.Http.Server;

/// <summary>Spreads a server over the loops of a group: a shared listener on each where the system has that, else one that hands connections round.</summary>
internal sealed class GroupServer(
    HttpServerOptions options, ExactRoutes routes, HttpHandler fallback, int connectionsMax, IReadOnlyList<EventLoop> loops)
{
    public Task RunAsync(IPEndPoint endPoint, Action<IPEndPoint>? onReady)
    {
        bool shared = loops.Count > 1 && TcpListener.CanShare;
        TcpListener listener = TcpListener.Listen(endPoint, new TcpListenerOptions { Backlog = options.Backlog, Shared = shared });
        if (loops.Count == 1)
        {
            onReady?.Invoke(listener.LocalEndPoint);
            return NewLoopServer().RunAsync(listener);
        }

        return shared ? RunSharedAsync(listener, onReady) : RunHandedRoundAsync(listener, onReady);
    }

    private LoopServer NewLoopServer() => new(options, routes, fallback, connectionsMax);

    private Task RunSharedAsync(TcpListener first, Action<IPEndPoint>? onReady) => TaskGroup.RunAsync(async group =>
    {
        IPEndPoint bound = first.LocalEndPoint;
        EventLoop here = EventLoop.Current;
        group.Spawn(() => NewLoopServer().RunAsync(first), "http server");
        var ready = new List<Task>();
        foreach (EventLoop loop in loops.Where(loop => loop != here))
        {
            var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            ready.Add(listening.Task);
            group.Spawn(
                () => loop.InvokeAsync(() =>
                {
                    TcpListener listener = TcpListener.Listen(bound, new TcpListenerOptions { Backlog = options.Backlog, Shared = true });
                    listening.SetResult();
                    return NewLoopServer().RunAsync(listener);
                }),
                $"http server on {loop.Name}");
        }

        await Task.WhenAll(ready).WaitAsync(group.Token);
        onReady?.Invoke(bound);
    });

    private Task RunHandedRoundAsync(TcpListener listener, Action<IPEndPoint>? onReady) => TaskGroup.RunAsync(async group =>
    {
        var takers = new Action<DetachedTcpConnection>[loops.Count];
        for (int i = 0; i < loops.Count; i++)
        {
            EventLoop loop = loops[i];
            var subscribed = new TaskCompletionSource<Action<TcpConnection>>(TaskCreationOptions.RunContinuationsAsynchronously);
            group.Spawn(() => loop.InvokeAsync(() => NewLoopServer().RunAsync(subscribed.SetResult)), $"http server on {loop.Name}");
            Action<TcpConnection> serve = await subscribed.Task.WaitAsync(group.Token);
            takers[i] = connection => loop.PostFromAnyThread(() => serve(connection.AttachHere()));
        }

        onReady?.Invoke(listener.LocalEndPoint);
        await using (listener)
        {
            for (int next = 0; ; next = (next + 1) % takers.Length)
            {
                takers[next](await listener.AcceptDetachedAsync());
            }
        }
    });
}
