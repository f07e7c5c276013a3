using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using Gyre.Hosting;
using Gyre.Scopes;

namespace Gyre;

/// <summary>Loops that run together, each on its own thread with its own driver. One that dies takes the others down.</summary>
/// <remarks>The properties may be read from any thread.</remarks>
[DebuggerDisplay("{Loops.Count} loops on {DriverName}")]
public sealed class EventLoopGroup
{
    private readonly DriverChoice _choice;
    private readonly RuntimeOptions _options;
    private readonly LoopRun _first;
    private readonly List<LoopRun> _runs = [];
    private readonly List<Thread> _threads = [];
    private readonly Watchdog? _watchdog;
    private Exception? _failure;

    internal EventLoopGroup(DriverChoice choice, RuntimeOptions options)
    {
        _choice = choice;
        _options = options;
        _first = AddLoop(0);
        int count = options.Loops == 0 ? Environment.ProcessorCount : options.Loops;
        try
        {
            for (int i = 1; i < count; i++)
            {
                StartThread(i);
            }
        }
        catch (Exception shortage) when (shortage is OutOfMemoryException or SocketException or InvalidOperationException)
        {
            Close();
            throw new InvalidOperationException(
                $"Loop {_runs.Count + 1} of {count} couldn't be started: {shortage.Message} Each loop needs a thread and some " +
                "descriptors; use fewer loops (one per core is best), or raise the limits (ulimit -n, ulimit -u).",
                shortage);
        }
        catch
        {
            Close();
            throw;
        }

        bool realWorld = _first.Loop.Driver.Capabilities.HasFlag(Drivers.DriverCapabilities.RealWorld);
        _watchdog = realWorld ? new Watchdog(Loops, options.StallThreshold, options.Log) : null;
    }

    /// <summary>The group of the loop that runs the calling code.</summary>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static EventLoopGroup Current => (EventLoopGroup)EventLoop.Current.Group!;

    /// <summary>The loops; the first runs the main coroutine.</summary>
    public IReadOnlyList<EventLoop> Loops
    {
        get
        {
            lock (_runs)
            {
                return _runs.ConvertAll(static run => run.Loop);
            }
        }
    }

    /// <summary>The name of the driver in use.</summary>
    public string DriverName => _first.Loop.DriverName;

    /// <summary>Why that driver is in use, for a start-up line.</summary>
    public string DriverReason => _choice.Reason;

    /// <summary>
    /// Ends what is still there, on the thread that made the group. Not public: a loop that runs has its driver taken away.
    /// </summary>
    internal void Close()
    {
        _watchdog?.Dispose();
        StopOthers();
        _first.Dispose();
    }

    /// <summary>
    /// Runs <paramref name="main"/> on the first of several loops, one per core unless told otherwise; as
    /// <see cref="GyreRuntime.Run(Func{Task}, RuntimeOptions?)"/> in all else, which runs a single one. A server serves on all
    /// of them, so its handlers run on several threads at a time.
    /// </summary>
    /// <param name="main">The main coroutine.</param>
    /// <param name="loops">How many; 0 stands for one per core that this process may use (limits of a container count).</param>
    /// <param name="options">How to run; its <see cref="RuntimeOptions.Loops"/> gives way to <paramref name="loops"/>.</param>
    /// <returns>Whether it completed or a signal interrupted it.</returns>
    /// <inheritdoc cref="GyreRuntime.Run(Func{Task}, RuntimeOptions?)" path="/exception"/>
    public static RunOutcome Run(Func<Task> main, int loops = 0, RuntimeOptions? options = null) =>
        GyreRuntime.Run(main, (options ?? new RuntimeOptions()) with { Loops = loops });

    internal RunOutcome RunMain(Func<Task> main)
    {
        using var signals = _options.HandleSignals ? new SignalHandler(_first) : null;
        try
        {
            _first.Run(main, "main");
        }
        catch (Exception further) when (Volatile.Read(ref _failure) is { } first)
        {
            // Another loop died first; its exception is the one to tell, below.
            FurtherFailures.Add(first, further);
        }
        finally
        {
            _watchdog?.Dispose();
            StopOthers();
        }

        if (Volatile.Read(ref _failure) is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        if (!_first.MainCancelled)
        {
            return RunOutcome.Completed;
        }

        return signals is { WasSignalled: true }
            ? RunOutcome.Interrupted
            : throw new OperationCanceledException("The main coroutine ended with a cancellation that no signal asked for.");
    }

    private LoopRun AddLoop(int index)
    {
        var run = new LoopRun($"loop-{index}", _choice.Create, _options);
        run.Loop.Group = this;
        lock (_runs)
        {
            _runs.Add(run);
        }

        return run;
    }

    private void StartThread(int index)
    {
        ExceptionDispatchInfo? failure = null;
        using var ready = new ManualResetEventSlim();
        var thread = new Thread(() =>
        {
            LoopRun run;
            try
            {
                run = AddLoop(index);
            }
#pragma warning disable CA1031 // Rethrown on the thread that makes the group.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(exception);
                ready.Set();
                return;
            }

            ready.Set();
            RunIdle(run);
        })
        {
            Name = $"gyre loop-{index}",
            IsBackground = true,
        };
        thread.Start();
        ready.Wait();
        failure?.Throw();
        _threads.Add(thread);
    }

    /// <summary>A further loop has no main of its own: it runs what is spawned into it until it is stopped.</summary>
    private void RunIdle(LoopRun run)
    {
        try
        {
            run.Run(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan), "idle");
        }
#pragma warning disable CA1031 // Whatever ends one loop ends the group, with that exception.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (Interlocked.CompareExchange(ref _failure, exception, null) is null)
            {
                _first.FailFromAnyThread(exception);
            }
        }
    }

    private void StopOthers()
    {
        lock (_runs)
        {
            foreach (LoopRun run in _runs.Skip(1))
            {
                run.CancelMain("the group is ending");
            }
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _threads.Clear();
    }
}
