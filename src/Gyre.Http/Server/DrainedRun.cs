using System.Diagnostics;
using Gyre.Diagnostics;
using Gyre.LowLevel;

namespace Gyre.Http.Server;

/// <summary>
/// Runs a server behind a shield: what cancels the code around it begins a drain, and only a drain that takes too long cancels the
/// requests.
/// </summary>
[DebuggerDisplay("{group}")]
internal sealed class DrainedRun(HttpServer server, GroupServer group)
{
    private readonly Wait<bool> _told = new(EventLoop.Current);
    private readonly SafeLogger _log = new(server.ServerOptions.Logger);
    private bool _isOver;
    private bool _isUnready;

    /// <summary>Until <paramref name="run"/> has ended; then the cancellation from outside goes on its way.</summary>
    public async Task RunAsync(Func<Task> run)
    {
        server.BeginRun();
        try
        {
            await RunShieldedAsync(run);
        }
        finally
        {
            server.EndRun(_isUnready);
        }

        await Coroutine.YieldAsync();
    }

    private Task RunShieldedAsync(Func<Task> run)
    {
        CancellationToken outside = CancelScope.CurrentToken;
        return CancelScope.RunAsync(async scope =>
        {
            scope.Shield = true;
            using CancellationTokenRegistration told = outside.UnsafeRegister(static self => ((DrainedRun)self!)._told.TryWake(true), this);
            await TaskGroup.RunAsync(async flows =>
            {
                flows.Spawn(() => EndWhenToldAsync(outside, scope), "http server end");
                try
                {
                    await run();
                }
                finally
                {
                    _isOver = true;
                }

                flows.Cancel("the server has ended");
            });
        });
    }

    private async Task EndWhenToldAsync(CancellationToken outside, CancelScope scope)
    {
        if (!outside.IsCancellationRequested)
        {
            await _told.ParkAsync(WaitKind.Other, "the end of the server");
        }

        _isUnready = true;
        server.TurnUnready();
        TimeSpan timeout = server.ServerOptions.DrainTimeout;
        if (timeout != TimeSpan.Zero)
        {
            await Coroutine.SleepAsync(server.ServerOptions.DrainDelay);
            ServerLog.Draining(_log, group.RequestsInFlight, timeout);
            group.Drain();
            await Coroutine.SleepAsync(timeout);
            ServerLog.DrainTimedOut(_log, group.RequestsInFlight, timeout);
        }

        if (!_isOver)
        {
            scope.Cancel("the server was cancelled");
        }
    }
}
