using System.Runtime.ExceptionServices;
using Gyre.Coroutines;
using Gyre.Diagnostics;
using Gyre.Drivers;

namespace Gyre.Hosting;

/// <summary>One loop from its driver's birth to its end: runs a main coroutine, then sees leftovers out.</summary>
internal sealed class LoopRun : IBackgroundOwner, IDisposable
{
    private static readonly TimeSpan s_leftoverCheck = TimeSpan.FromMilliseconds(1);

    private readonly RuntimeOptions _options;
    private readonly Driver _driver;
    private readonly List<Coroutine> _background = [];
    private Coroutine? _main;
    private Exception? _failure;
    private TimeSpan _graceEnds;
    private bool _ending;

    /// <summary>Makes loop and driver on the calling thread, which <see cref="Run"/> will use.</summary>
    public LoopRun(string name, Func<Driver> driver, RuntimeOptions options)
    {
        _options = options;
        _driver = driver();
        Loop = new EventLoop(_driver, name)
        {
            RunOwner = this,
            FailureAtRoot = OnFailure,
            Report = options.Log,
        };
    }

    public EventLoop Loop { get; }

    /// <summary>Whether the main coroutine ended with a cancellation.</summary>
    public bool MainCancelled => _main?.State == CoroutineState.Cancelled;

    /// <summary>Runs <paramref name="main"/> to its end and everything it left; throws what failed.</summary>
    public void Run(Func<Task> main, string? name)
    {
        _main = new Coroutine(Loop.Root, this, main, name, file: null, line: 0);
        _main.Schedule();
        try
        {
            Loop.Run();
        }
        finally
        {
            Dispose();
        }

        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }
    }

    /// <summary>Cancels the main coroutine. Any thread.</summary>
    public void CancelMain(string reason)
    {
        try
        {
            Loop.PostFromAnyThread(() => _main?.Cancel(reason));
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended by itself meanwhile; there is nothing left to cancel.
        }
    }

    /// <summary>Fails the run from any thread: the main coroutine is cancelled and the failure rethrown.</summary>
    public void FailFromAnyThread(Exception failure)
    {
        try
        {
            Loop.PostFromAnyThread(() => OnFailure(failure));
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended by itself meanwhile; whoever failed reports it to the group as well.
        }
    }

    public void Dispose()
    {
        _driver.Dispose();
        Loop.Close();
    }

    void IBackgroundOwner.OnSpawned(Coroutine coroutine)
    {
        _background.Add(coroutine);
        if (_ending)
        {
            coroutine.Cancel("the run is ending");
        }
    }

    void ICoroutineOwner.OnChildEnded(Coroutine child, Exception? failure)
    {
        _background.Remove(child);
        if (failure is not null)
        {
            OnFailure(failure);
        }

        if (child == _main)
        {
            End();
        }
    }

    private void OnFailure(Exception failure)
    {
        if (_failure is null)
        {
            _failure = failure;
        }
        else if (_failure != failure)
        {
            FurtherFailures.Attach(_failure, [_failure, failure]);
        }

        if (_main is { IsCompleted: false } main)
        {
            main.Cancel($"the run failed: {failure.Message}");
        }
    }

    private void End()
    {
        _ending = true;
        Loop.Root.Cancel("the main coroutine ended");
        _graceEnds = Loop.Time + _options.ShutdownGrace;
        CheckLeftovers();
    }

    /// <summary>Stops the loop once nothing is left, or the grace is over. Flows that nobody awaits have no end to be told of, hence the look.</summary>
    private void CheckLeftovers()
    {
        if (_background.Count == 0 && !Loop.Root.IsInUse)
        {
            Loop.Stop();
        }
        else if (Loop.Time < _graceEnds)
        {
            Loop.CallLater(s_leftoverCheck, CheckLeftovers);
        }
        else
        {
            OnFailure(new TimeoutException(DescribeLeftovers()));
            Loop.Stop();
        }
    }

    private string DescribeLeftovers()
    {
        var lines = _background.Select(left => $"{left}, which waits for {left.DescribeWaits()}").ToList();
        var waits = new List<WaitDescription>();
        Loop.Root.CollectAllWaits(waits);
        if (lines.Count == 0)
        {
            lines.Add($"flows that nobody awaited, which wait for {string.Join(", ", waits)}");
        }

        return $"The main coroutine of loop '{Loop.Name}' ended, but after {_options.ShutdownGrace} these had not: {string.Join("; ", lines)}.";
    }
}
