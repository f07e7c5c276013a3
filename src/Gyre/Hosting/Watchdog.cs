using Gyre.Diagnostics;
using Gyre.Time;

namespace Gyre.Hosting;

/// <summary>Looks from a thread of its own whether the loops turn, and says in one line which coroutine holds one that doesn't.</summary>
internal sealed class Watchdog : IDisposable
{
    private readonly IReadOnlyList<EventLoop> _loops;
    private readonly Action<string> _log;
    private readonly long _thresholdNanoseconds;
    private readonly TimeSpan _interval;
    private readonly Watched[] _watched;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;

    public Watchdog(IReadOnlyList<EventLoop> loops, TimeSpan threshold, Action<string> log)
    {
        _loops = loops;
        _log = log;
        _thresholdNanoseconds = Deadline.After(0, threshold);
        _interval = threshold == Timeout.InfiniteTimeSpan ? threshold : threshold / 4;
        _watched = new Watched[loops.Count];
        _thread = new Thread(Watch) { Name = "gyre watchdog", IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _stop.Set();
        if (_thread.IsAlive && Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
    }

    private void Watch()
    {
        while (!_stop.Wait(_interval))
        {
            long now = SystemClock.Nanoseconds;
            for (int i = 0; i < _loops.Count; i++)
            {
                Look(_loops[i], ref _watched[i], now);
            }
        }
    }

    private void Look(EventLoop loop, ref Watched watched, long now)
    {
        long turns = loop.TurnsVolatile;
        if (turns != watched.Turns || loop.IsWaiting || turns == 0)
        {
            watched = new Watched(turns, now, Told: false);
            return;
        }

        if (watched.Told || now - watched.Since < _thresholdNanoseconds)
        {
            return;
        }

        watched = watched with { Told = true };
        CoroutineNode? holder = loop.CurrentContext.Node;
        string who = holder is null ? "a callback of the loop itself" : holder.ToString()!;
        _log($"gyre: loop '{loop.Name}' hasn't turned for {Deadline.ToTimeSpan(now - watched.Since).TotalSeconds:F1} s; it is held by {who}.");
    }

    /// <param name="Turns">The turn that was seen last.</param>
    /// <param name="Since">When it was first seen.</param>
    /// <param name="Told">Whether this stall was reported.</param>
    private record struct Watched(long Turns, long Since, bool Told);
}
