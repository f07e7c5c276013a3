using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Gyre.Buffers;
using Gyre.Diagnostics;
using Gyre.Drivers;
using Gyre.Loop;

namespace Gyre;

/// <summary>
/// A single-threaded loop that runs what is ready and waits, in one place, for everything else: sockets, timers and
/// wake-ups from other threads.
/// </summary>
/// <remarks>
/// One loop is driven by one thread at a time. Members are used on that thread, from code that the loop runs; elsewhere
/// they throw. <see cref="PostFromAnyThread"/> is the way in from outside. A loop is made by <c>GyreRuntime.Run</c> or by an
/// <c>EventLoopGroup</c>.
/// </remarks>
[DebuggerDisplay("{Name}: {_ready.Count} ready, {_timers.Count} timers, turn {_turns}")]
public sealed partial class EventLoop
{
    [ThreadStatic]
    private static EventLoop? t_current;

    private readonly Driver _driver;
    private readonly ReadyQueue _ready;
    private readonly ScopeContext _root;
    private long _coroutineIds;

    internal EventLoop(Driver driver, string name)
    {
        _driver = driver;
        Name = name;
        _ready = new ReadyQueue(driver.ReadyOrderSeed);
        _root = new ScopeContext(this, node: null, parent: null, owner: null);
        CurrentContext = _root;
        Clock = new LoopClock(this);
        _epoch = driver.GetTimestamp();
        _now = _epoch;
    }

    /// <summary>The loop that runs the calling code.</summary>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop; the message says how to get onto one.</exception>
    public static EventLoop Current => t_current ?? ThrowNoLoop();

    /// <summary>The loop that runs the calling code, or null. Any thread.</summary>
    public static EventLoop? CurrentOrNull => t_current;

    /// <summary>The loop's name, as logs and error messages show it. Any thread.</summary>
    public string Name { get; }

    /// <summary>The name of the driver, for example <c>io_uring</c>. Any thread.</summary>
    public string DriverName => _driver.Name;

    /// <summary>Whether the calling code is run by this loop. Any thread.</summary>
    public bool HasAccess => t_current == this;

    /// <summary>Counts since the loop was made. Loop thread.</summary>
    /// <exception cref="InvalidOperationException">The calling code isn't run by this loop.</exception>
    public LoopStatistics Statistics
    {
        get
        {
            VerifyAccess(this);
            DriverStatistics driver = _driver.Statistics;
            return new LoopStatistics
            {
                Turns = _turns,
                ReadyRun = _readyRun,
                ReadyWaiting = _ready.Count,
                PostedFromOtherThreads = _inboxTaken,
                Completions = driver.Completions,
                SystemCalls = driver.SystemCalls,
                WaitingTurns = driver.Waits,
                TimersPending = _timers.Count,
                TimersFired = _timersFired,
                TimerLagMax = Gyre.Time.Deadline.ToTimeSpan(_timerLagMax),
                BlockingWaits = _blockingWaits,
                BuffersRented = Buffers.Slabs.Rented,
            };
        }
    }

    /// <summary>The backend of this loop.</summary>
    internal Driver Driver => _driver;

    /// <summary>The buffers of this loop.</summary>
    internal BufferPool Buffers { get; } = new();

    /// <summary>The outermost scope, which lives as long as the loop.</summary>
    internal ScopeContext Root => _root;

    /// <summary>
    /// The scope of the code that runs now. Written by the loop around each piece of work, and by scopes around their bodies.
    /// </summary>
    internal ScopeContext CurrentContext { get; set; }

    /// <summary>Waits of yield and sleep that are kept for reuse, linked as in a scope, which none of them is in; theirs alone to fill.</summary>
    internal ParkedWait? FreeWaits { get; set; }

    /// <summary>How many those are.</summary>
    internal int FreeWaitsCount { get; set; }

    /// <summary>The same for waits for futures.</summary>
    internal ParkedWait? FreeFutureWaits { get; set; }

    /// <summary>How many those are.</summary>
    internal int FreeFutureWaitsCount { get; set; }

    /// <summary>How many satisfied waits the running piece of work may still pass without suspending.</summary>
    internal int Budget { get; set; }

    /// <summary>What decides by chance on this loop; a simulation seeds it. Loop thread.</summary>
    internal Random Choices => field ??= _driver.ChoiceSeed is { } seed ? new Random(seed) : new Random();

    /// <inheritdoc/>
    public override string ToString() => $"EventLoop '{Name}'";

    /// <summary>The next number for a coroutine of this loop.</summary>
    internal long NextCoroutineId() => ++_coroutineIds;

    /// <summary>Throws unless the calling code is run by this loop; <paramref name="user"/> is named in the message.</summary>
    internal void VerifyAccess(object user)
    {
        if (t_current != this)
        {
            ThrowWrongThread(user);
        }
    }

    /// <summary>Throws unless <paramref name="waitable"/> belongs to this loop, which runs the calling code.</summary>
    internal void VerifySame(object waitable, EventLoop owner)
    {
        if (owner != this)
        {
            owner.ThrowWrongThread(waitable);
        }
    }

    [DoesNotReturn]
    private static EventLoop ThrowNoLoop() => throw new InvalidOperationException(
        "No event loop runs the calling code. Start one with GyreRuntime.Run(async () => …), or enter a running one with " +
        "EventLoop.PostFromAnyThread(…).");

    [DoesNotReturn]
    private void ThrowWrongThread(object user)
    {
        string where = t_current is { } other ? $"loop '{other.Name}'" : "a thread that runs no loop";
        string what = user == this ? ToString() : $"{user} belongs to loop '{Name}'{(_closed ? ", which has ended," : "")} and";
        throw new InvalidOperationException(
            $"{what} was used from {where}. Use it in code that its loop runs, or enter the loop " +
            "with PostFromAnyThread; AsStream() gives a stream that any thread may use.");
    }
}
