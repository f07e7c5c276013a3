using System.Diagnostics;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre.Sync;

/// <summary>A number of permits that flows take and return.</summary>
/// <remarks>
/// First-in first-out, handed over directly: a permit that is returned while somebody waits is theirs at once, so that nobody
/// can come in between, and a cancelled wait never swallows one. Nobody owns a permit: any flow may return it. Belongs to the
/// loop that first uses it; members are used on that loop's thread.
/// </remarks>
[DebuggerDisplay("{ToString(),nq}, {_waits.Count} waiting")]
public sealed class AsyncSemaphore : IHomed
{
    private readonly WaitQueue<bool> _waits;
    private HomeLoop _home;

    /// <summary>A semaphore. Any thread.</summary>
    /// <param name="permits">Permits that are free to begin with.</param>
    /// <param name="permitsMax">How many may be free at most; returning more is an error.</param>
    /// <param name="name">Its name in the tree and in messages.</param>
    /// <exception cref="ArgumentOutOfRangeException">The permits are negative, or above the most.</exception>
    public AsyncSemaphore(int permits, int permitsMax = int.MaxValue, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(permits);
        ArgumentOutOfRangeException.ThrowIfLessThan(permitsMax, Math.Max(1, permits));
        Free = permits;
        FreeMax = permitsMax;
        Name = name ?? "a semaphore";
        _waits = new WaitQueue<bool>(this);
    }

    /// <summary>Its name in the tree and in messages. Any thread.</summary>
    public string Name { get; }

    /// <summary>Permits that are free.</summary>
    public int Free { get; private set; }

    /// <summary>How many may be free at most.</summary>
    public int FreeMax { get; }

    /// <summary>Flows that wait for one.</summary>
    public int Waiting => _waits.Count;

    /// <summary>How it stands and who waits.</summary>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public WaitStatistics Statistics
    {
        get
        {
            _home.Enter(this);
            return new WaitStatistics(ToString(), _waits.Waiters());
        }
    }

    /// <summary>Waits for a permit and takes it. A checkpoint; goes on at once when one is free.</summary>
    /// <param name="cancellationToken">Ends this wait alone.</param>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled; no permit was taken.</exception>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public ValueTask AcquireAsync(CancellationToken cancellationToken = default)
    {
        EventLoop loop = _home.Enter(this);
        ScopeContext context = ScopeContext.Resolve(loop);
        if (WaitSource.CancellationOf(context, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException(cancellation);
        }

        if (Free == 0)
        {
            return _waits.Enqueue(loop, context, cancellationToken).Untyped;
        }

        Free--;
        return --loop.Budget > 0 ? default : _waits.InNextTurn(loop, context, true).Untyped;
    }

    /// <summary>Takes a permit if one is free. Never waits, no checkpoint.</summary>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public bool TryAcquire()
    {
        _home.Enter(this);
        if (Free == 0)
        {
            return false;
        }

        Free--;
        return true;
    }

    /// <summary>Returns permits; those who wait longest have them when this returns, and run later. Not a checkpoint.</summary>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative or zero.</exception>
    /// <exception cref="SemaphoreFullException">More would be free than may be; none was returned.</exception>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public void Release(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        _home.Enter(this);
        if (count - _waits.Count > FreeMax - Free)
        {
            throw new SemaphoreFullException(
                $"{Name} has {Free} of at most {FreeMax} permits free and {_waits.Count} flows waiting; returning {count} is too many.");
        }

        while (count > 0 && _waits.TryGive(true))
        {
            count--;
        }

        Free += count;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}, {Free} free";

    void IHomed.ForgetFlows() => _waits.Forget();
}
