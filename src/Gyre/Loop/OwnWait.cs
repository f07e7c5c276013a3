using System.Runtime.CompilerServices;

namespace Gyre.Loop;

/// <summary>Tells the event of the wait that this thread is in from those of other threads that wait for this loop's tasks too.</summary>
/// <remarks>
/// An event doesn't say who waits for it. But <see cref="ManualResetEventSlim"/> and <see cref="SemaphoreSlim"/> wait on a
/// monitor and look again whenever that is pulsed, so a pulse without a signal harms nobody, and it wakes this thread's own
/// handle if the event is the one.
/// </remarks>
/// <param name="takeWake">Whether this thread's wait has been woken; takes the wake.</param>
internal sealed class OwnWait(Func<bool> takeWake)
{
    /// <summary>Events that were pulsed without waking this thread; each wait makes its own, so they stay foreign.</summary>
    private readonly HashSet<object> _foreign = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether one of <paramref name="events"/> isn't known to be another thread's.</summary>
    public bool MayBeAmong(IEnumerable<object> events) => events.Any(candidate => !_foreign.Contains(candidate));

    /// <summary>Whether this thread was woken while it looked, by its own pulse or by a signal.</summary>
    public bool WasWoken { get; private set; }

    /// <summary>Whether one of <paramref name="events"/> is what this thread waits for. That wakes the wait.</summary>
    public bool IsAmong(IEnumerable<object> events)
    {
        foreach (object candidate in events.Where(candidate => !_foreign.Contains(candidate)))
        {
            // The search took its time; a signal that came meanwhile must not be taken for the answer to the pulse.
            WasWoken = WasWoken || takeWake();
            if (WasWoken)
            {
                return false;
            }

            if (!TryPulse(candidate))
            {
                continue;
            }

            WasWoken = takeWake();
            if (WasWoken)
            {
                return !IsSignalled(candidate);
            }

            _foreign.Add(candidate);
        }

        return false;
    }

    /// <summary>Whether it is something whose waits can be told apart.</summary>
    public static bool IsSignal(object candidate) => candidate is SemaphoreSlim or ManualResetEventSlim;

    private static bool IsSignalled(object signal) =>
        signal is SemaphoreSlim semaphore ? semaphore.CurrentCount > 0 : ((ManualResetEventSlim)signal).IsSet;

    /// <summary>False when somebody else is at it just now, who may be about to signal it, or when its monitor can't be reached.</summary>
    private static bool TryPulse(object signal)
    {
        if (MonitorOf(signal) is not { } monitor || IsSignalled(signal) || !Monitor.TryEnter(monitor))
        {
            return false;
        }

        try
        {
            Monitor.PulseAll(monitor);
            return true;
        }
        finally
        {
            Monitor.Exit(monitor);
        }
    }

    private static object? MonitorOf(object signal)
    {
        try
        {
            return signal switch
            {
                SemaphoreSlim semaphore => LockOfSemaphore(semaphore),
                ManualResetEventSlim waited => LockOfEvent(waited),
                _ => null,
            };
        }
        catch (MissingFieldException)
        {
            // A runtime whose events are made otherwise: no wait is recognised there, and none is refused wrongly.
            return null;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "m_lock")]
    private static extern ref object? LockOfEvent(ManualResetEventSlim waited);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "m_lockObjAndDisposed")]
    private static extern ref StrongBox<bool> LockOfSemaphore(SemaphoreSlim semaphore);
}
