using System.Diagnostics;

namespace Gyre.Drivers.Sockets;

/// <summary>Completed operations on their way from the pool's threads to the loop's, and the loop's sleep until one comes.</summary>
/// <remarks>
/// Many threads push, one takes everything at once, so a linked stack without locks is enough; what was taken is turned
/// round into the order of arrival. A push wakes the loop only when it sleeps, and the first push ends that state, so a
/// burst costs one wake.
/// </remarks>
[DebuggerDisplay("empty = {IsEmpty}, asleep = {_asleep}")]
internal sealed class CompletionQueue
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    /// <summary>
    /// It doesn't spin: the core is better used by the threads that the loop waits for. Never disposed, because a late waker may
    /// still set it.
    /// </summary>
    private readonly ManualResetEventSlim _event = new(initialState: false, spinCount: 0);

    private SocketsOperation? _last;
    private int _asleep;
    private int _woken;

    public bool IsEmpty => Volatile.Read(ref _last) is null;

    /// <summary>Adds a completed operation. Any thread.</summary>
    public void Push(SocketsOperation operation)
    {
        SocketsOperation? last = Volatile.Read(ref _last);
        while (true)
        {
            operation.Next = last;
            SocketsOperation? seen = Interlocked.CompareExchange(ref _last, operation, last);
            if (seen == last)
            {
                break;
            }

            last = seen;
        }

        EndSleep();
    }

    /// <summary>Ends the present sleep, or prevents the next. Any thread.</summary>
    public void Wake()
    {
        Volatile.Write(ref _woken, 1);
        Interlocked.MemoryBarrier();
        EndSleep();
    }

    /// <summary>Takes everything, oldest first, chained by <see cref="SocketsOperation.Next"/>. Loop thread.</summary>
    public SocketsOperation? TakeAll()
    {
        if (IsEmpty)
        {
            return null;
        }

        SocketsOperation? last = Interlocked.Exchange(ref _last, null);
        SocketsOperation? first = null;
        while (last is not null)
        {
            SocketsOperation? earlier = last.Next;
            last.Next = first;
            first = last;
            last = earlier;
        }

        return first;
    }

    /// <summary>Sleeps until a push, a wake, or the time-out (nanoseconds; -1 for ever). Loop thread.</summary>
    public void Sleep(long timeoutNanoseconds)
    {
        // From here on a pusher must wake us; what came just before is seen by the look at the queue.
        Interlocked.Exchange(ref _asleep, 1);
        if (IsEmpty && Volatile.Read(ref _woken) == 0)
        {
            _event.Wait(ToMilliseconds(timeoutNanoseconds));
        }

        Volatile.Write(ref _asleep, 0);
        Volatile.Write(ref _woken, 0);
        _event.Reset();
    }

    /// <summary>Rounded up: a sleep that ends early would turn until the time has come.</summary>
    private static int ToMilliseconds(long nanoseconds) => nanoseconds < 0
        ? Timeout.Infinite
        : (int)Math.Min((nanoseconds + NanosecondsPerMillisecond - 1) / NanosecondsPerMillisecond, int.MaxValue);

    private void EndSleep()
    {
        if (Volatile.Read(ref _asleep) != 0 && Interlocked.Exchange(ref _asleep, 0) != 0)
        {
            _event.Set();
        }
    }
}
