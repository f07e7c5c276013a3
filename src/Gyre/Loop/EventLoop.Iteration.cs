using Gyre.Loop;
using Gyre.Time;

namespace Gyre;

public sealed partial class EventLoop
{
    /// <summary>
    /// Satisfied waits that one piece of work may pass before it must let its peers run. 128 is tokio's budget; a lower one
    /// costs more suspensions, a higher one lets an always-ready socket hold the loop longer.
    /// </summary>
    internal const int BudgetPerItem = 128;

    /// <summary>With ready work and nothing to submit, the driver is still looked at after this many turns…</summary>
    private const int TurnsBetweenPolls = 64;

    /// <summary>…or after this long, whichever comes first.</summary>
    private const long NanosecondsBetweenPolls = 100_000;

    private readonly List<IFlushable> _flushing = [];
    private long _turns;
    private long _readyRun;
    private int _turnsSincePoll;
    private long _lastPoll;
    private bool _waitedSincePoll;
    private bool _stopping;
    private Exception? _failure;

    /// <summary>Iterations begun; the watchdog reads it from another thread.</summary>
    internal long TurnsVolatile => Volatile.Read(ref _turns);

    /// <summary>Whether the loop is inside the driver's wait; the watchdog reads it from another thread.</summary>
    internal bool IsWaiting => Volatile.Read(ref _sleeping) != 0;

    /// <summary>Called when a failure reaches the root: nobody is left who could answer for it.</summary>
    internal Action<Exception>? FailureAtRoot { get; set; }

    /// <summary>Adds ready work. Loop thread.</summary>
    internal void Enqueue(in ReadyItem item) => _ready.Add(item);

    /// <summary>Adds a wait that is over. Loop thread.</summary>
    internal void Enqueue(ParkedWait wait) => _ready.Add(wait);

    /// <summary>Asks that <paramref name="flushable"/> hands over what it gathered before this turn submits.</summary>
    internal void FlushAtEndOfTurn(IFlushable flushable) => _flushing.Add(flushable);

    /// <summary>Runs iterations on the calling thread until <see cref="Stop"/>; the numbers are those of ARCHITECTURE.md.</summary>
    internal void Run()
    {
        EventLoop? outer = t_current;
        SynchronizationContext? outerContext = SynchronizationContext.Current;
        if (outer is not null)
        {
            throw new InvalidOperationException(
                $"Loop '{outer.Name}' runs on this thread already; a loop can't run inside another. Await the inner work instead.");
        }

        t_current = this;
        try
        {
            while (!_stopping)
            {
                RunOnce();
            }
        }
        finally
        {
            t_current = null;
            SynchronizationContext.SetSynchronizationContext(outerContext);
        }
    }

    /// <summary>Ends <see cref="Run"/> after the current turn. Loop thread.</summary>
    internal void Stop() => _stopping = true;

    /// <summary>A failure that no scope can answer for ends the run.</summary>
    internal void FailRun(Exception failure)
    {
        if (FailureAtRoot is { } report)
        {
            report(failure);
        }
        else
        {
            _failure ??= failure;
            Stop();
        }
    }

    /// <summary>The failure that ended the run when nobody listened, else null.</summary>
    internal Exception? Failure => _failure;

    private void RunOnce()
    {
        Volatile.Write(ref _turns, _turns + 1);
        ForgetTime();

        // 1. Take the inbox.
        TakeInbox();

        // 2. Run due timers.
        RunDueTimers();

        // 3. Run what is ready now; what it makes ready waits for the next turn, so nothing starves.
        RunReady();

        // 4. Submit all IO gathered in this turn in one call and wait until the next timer at most.
        // 5. The driver's handlers turn completions into ready work; none runs where it is found.
        FlushGathered();
        SubmitAndWait();
    }

    private void RunReady()
    {
        int remaining = _ready.Count;
        while (remaining > 0)
        {
            ScopeContext context = _root;
            try
            {
                while (remaining > 0)
                {
                    _ready.Take(remaining--, out Action<object?> callback, out object? state, out context, out bool restoreContext);
                    _readyRun++;
                    Budget = BudgetPerItem;
                    CurrentContext = context;
                    SynchronizationContext.SetSynchronizationContext(restoreContext ? context : null);
                    callback(state);
                }
            }
            catch (Exception end) when (context.IsEndByCancellation(end))
            {
                // A callback, or an async void method, ended as its scope asked.
            }
#pragma warning disable CA1031 // Whatever a callback throws goes to its scope; the loop itself must live on.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                context.Fail(failure);
            }
        }

        CurrentContext = _root;
        SynchronizationContext.SetSynchronizationContext(null);
    }

    private void FlushGathered()
    {
        // Flushing may ask for another flush; that one belongs to the next turn's list, hence the fixed count.
        int count = _flushing.Count;
        if (count == 0)
        {
            return;
        }

        for (int i = 0; i < count; i++)
        {
            _flushing[i].FlushAtEndOfTurn();
        }

        _flushing.RemoveRange(0, count);
    }

    private void SubmitAndWait()
    {
        // A driver for which handing over and waiting are different calls hands over here, in every turn; what that
        // completes may make work ready, and then there is no wait.
        _driver.Submit();
        if (_ready.Count > 0 || _flushing.Count > 0 || _stopping)
        {
            if (ShouldPoll())
            {
                _driver.Turn(0);
            }

            return;
        }

        // From here on a poster must wake us; one that came just before is seen by the second look at the inbox.
        Interlocked.Exchange(ref _sleeping, 1);
        try
        {
            long timeout = _inbox.IsEmpty ? TimeUntilNextTimer() : 0;
            _driver.Turn(timeout);
            ForgetTime();
            _turnsSincePoll = 0;
            _waitedSincePoll = true;
        }
        finally
        {
            Volatile.Write(ref _sleeping, 0);
        }
    }

    /// <summary>
    /// With ready work, a driver whose idle look is free is asked every turn; the others at the latest every 64 turns or
    /// 100 µs, so that busy coroutines don't pay a system call for each turn.
    /// </summary>
    private bool ShouldPoll()
    {
        if (_driver.IdleTurnIsFree || ++_turnsSincePoll >= TurnsBetweenPolls)
        {
            _turnsSincePoll = 0;
            return true;
        }

        long now = _driver.GetTimestamp();
        if (_waitedSincePoll)
        {
            // The wait was a look as well; the clock wasn't read after it, so its 100 µs begin here.
            _waitedSincePoll = false;
            _lastPoll = now;
            return false;
        }

        if (now - _lastPoll < NanosecondsBetweenPolls)
        {
            return false;
        }

        _lastPoll = now;
        _turnsSincePoll = 0;
        return true;
    }
}
