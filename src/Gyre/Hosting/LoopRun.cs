using System.Runtime.ExceptionServices;
using Gyre.Coroutines;
using Gyre.Diagnostics;
using Gyre.Drivers;
using Gyre.Loop;
using Gyre.Scopes;
using Gyre.Time;

namespace Gyre.Hosting;

/// <summary>One loop from its driver's birth to its end: runs a main coroutine, then sees leftovers out.</summary>
internal sealed class LoopRun : IBackgroundOwner, IDisposable
{
    /// <summary>
    /// Turns that ready work gets at the end while nothing waits: a chain of awaits takes one for each. Callbacks that make
    /// new ones ready for ever are given up.
    /// </summary>
    private const int QuietTurnsMax = 64;

    private static readonly TimeSpan s_leftoverCheck = TimeSpan.FromMilliseconds(1);

    private readonly RuntimeOptions _options;
    private readonly Driver _driver;
    private readonly List<CoroutineRun> _background = [];
    private CoroutineRun? _main;
    private Exception? _failure;
    private TimeSpan _graceEnds;
    private int _quietTurns;
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
        _main = new Coroutine(Loop.Root, this, main, name, file: null, line: 0).Run;
        _main.Schedule();
        try
        {
            Loop.Run();
        }
#pragma warning disable CA1031 // Rethrown below, once the flows of the dead loop have unwound.
        catch (Exception death)
#pragma warning restore CA1031
        {
            _failure = FurtherFailures.Add(_failure, death);
        }

        Dispose();

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

    /// <summary>On the thread that made it.</summary>
    public void Dispose()
    {
        // What was accepted runs before the driver goes, and nobody wakes a driver that is gone.
        Loop.Close();
        _driver.Dispose();
    }

    void IBackgroundOwner.OnSpawned(CoroutineRun coroutine)
    {
        _background.Add(coroutine);
        if (_ending)
        {
            coroutine.Cancel("the run is ending");
        }
    }

    void ICoroutineOwner.OnChildEnded(CoroutineRun child, Exception? failure)
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
        _failure = FurtherFailures.Add(_failure, failure);
        if (_main is { IsCompleted: false } main)
        {
            main.Cancel($"the run failed: {failure.Message}");
        }
    }

    private void End()
    {
        _ending = true;
        Loop.Root.Cancel("the main coroutine ended");
        _graceEnds = _options.ShutdownGrace == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : Loop.Time + _options.ShutdownGrace;
        CheckLeftovers();
    }

    /// <summary>
    /// Stops the loop once nothing is left, or the grace is over. Flows that nobody awaits have no end to be told of, hence the
    /// look.
    /// </summary>
    private void CheckLeftovers()
    {
        bool isInUse = _background.Count > 0 || Loop.Root.IsInUse;
        if (Loop.Time >= _graceEnds)
        {
            if (isInUse)
            {
                OnFailure(new TimeoutException(DescribeLeftovers()));
            }

            Loop.Root.ReportLostFailures();

            Loop.Stop();
        }
        else if (isInUse || Loop.LingeringCloses > 0)
        {
            _quietTurns = 0;
            Loop.AddTimer(new LeftoverCheck(this), Deadline.After(Loop.Now, s_leftoverCheck));
        }
        else if (Loop.HasNothingReady || ++_quietTurns == QuietTurnsMax)
        {
            Loop.Root.ReportLostFailures();
            Loop.Stop();
        }
        else
        {
            // Flows that were just woken wait for nothing while they are ready; they may wait for something next.
            CheckNextTurn();
        }
    }

    private void CheckNextTurn() =>
        Loop.Enqueue(new ReadyItem(static self => ((LoopRun)self!).CheckLeftovers(), this, Loop.Root, RestoreContext: true));

    private string DescribeLeftovers()
    {
        var lines = new List<string>();
        foreach (CoroutineRun left in _background)
        {
            Describe(left, lines);
        }

        if (lines.Count == 0)
        {
            var waits = new List<WaitDescription>();
            Loop.Root.CollectAllWaits(waits);
            lines.Add("flows that nobody awaited, which wait for " +
                (waits.Count > 0 ? string.Join(", ", waits) : "a foreign task inside a scope"));
        }

        return $"The main coroutine of loop '{Loop.Name}' ended, but after {_options.ShutdownGrace} these had not: {string.Join("; ", lines)}.";
    }

    /// <summary>With a stack of its own: coroutines nest deeper than a thread's stack is.</summary>
    private static void Describe(CoroutineNode left, List<string> lines)
    {
        var open = new Stack<CoroutineNode>([left]);
        while (open.TryPop(out CoroutineNode? node))
        {
            lines.Add($"{node}, which waits for {node.DescribeWaits()}");
            foreach (CoroutineNode child in node.Children)
            {
                open.Push(child);
            }
        }
    }

    private sealed class LeftoverCheck(LoopRun run) : TimerEntry
    {
        protected internal override void OnDue() => run.CheckNextTurn();
    }
}
