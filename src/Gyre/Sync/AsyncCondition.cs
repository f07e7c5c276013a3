using System.Diagnostics;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre.Sync;

/// <summary>
/// Lets flows that hold a lock wait until another one changes what the lock protects: <see cref="WaitAsync"/> releases the
/// lock, waits for a notification, and holds the lock again when it returns.
/// </summary>
/// <remarks>
/// A notification wakes flows that wait now; it isn't remembered. What was waited for may have changed again before the lock
/// was had back, so wait in a loop, or use <see cref="WaitForAsync"/>. Members are used on the lock's loop's thread.
/// </remarks>
[DebuggerDisplay("{ToString(),nq}, {_waits.Count} waiting")]
public sealed class AsyncCondition : IHomed
{
    private readonly WaitQueue<bool> _waits;
    private HomeLoop _home;

    /// <summary>A condition of what <paramref name="gate"/> protects. Any thread.</summary>
    /// <param name="gate">The lock.</param>
    /// <param name="name">Its name in the tree and in messages.</param>
    public AsyncCondition(AsyncLock gate, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(gate);
        Lock = gate;
        Name = name ?? $"a condition of {gate.Name}";
        _waits = new WaitQueue<bool>(this);
    }

    /// <summary>The lock that is released while a flow waits.</summary>
    public AsyncLock Lock { get; }

    /// <summary>Its name in the tree and in messages. Any thread.</summary>
    public string Name { get; }

    /// <summary>Flows that wait for a notification.</summary>
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

    /// <summary>
    /// Releases the lock, waits for a notification, and takes the lock back. A checkpoint; cancelled, it takes the lock back all
    /// the same before it throws, so that the block that releases it holds it.
    /// </summary>
    /// <param name="holder">What acquiring the lock returned; it stays valid.</param>
    /// <param name="cancellationToken">Ends this wait alone.</param>
    /// <exception cref="OperationCanceledException">
    /// The scope or the token was cancelled before a notification came. One that came first wins, and is used by this wait.
    /// </exception>
    /// <exception cref="BrokenLockException">The coroutine that held the lock meanwhile ended without releasing it.</exception>
    /// <exception cref="ArgumentException">The holder is of another lock, or released.</exception>
    /// <exception cref="InvalidOperationException">Another coroutine holds the lock, or this isn't its loop's thread.</exception>
    public Task WaitAsync(LockHolder holder, CancellationToken cancellationToken = default)
    {
        EventLoop loop = Verify(holder, "waits for a notification under");
        ScopeContext context = ScopeContext.Resolve(loop);
        return WaitSource.CancellationOf(context, cancellationToken) is { } cancellation
            ? Task.FromException(cancellation)
            : WaitAndReacquireAsync(loop, context, holder, cancellationToken);
    }

    /// <summary>
    /// Waits until <paramref name="condition"/> holds, which is asked at once and after each notification, under the lock. A
    /// checkpoint; goes on at once when it holds.
    /// </summary>
    /// <inheritdoc cref="WaitAsync"/>
    public async Task WaitForAsync(LockHolder holder, Func<bool> condition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ScopeContext context = ScopeContext.Resolve(Verify(holder, "waits for a notification under"));
        if (WaitSource.CancellationOf(context, cancellationToken) is { } cancellation)
        {
            throw cancellation;
        }

        context.Enter();
        try
        {
            while (!condition())
            {
                await WaitAsync(holder, cancellationToken);
            }
        }
        finally
        {
            context.Exit();
        }
    }

    /// <summary>Wakes the flows that have waited longest; each goes on when it has the lock. Not a checkpoint.</summary>
    /// <param name="holder">What acquiring the lock returned.</param>
    /// <param name="count">How many; fewer are woken when fewer wait.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <inheritdoc cref="NotifyAll" path="/exception"/>
    public void Notify(LockHolder holder, int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Verify(holder, "notifies under");
        for (; count > 0 && _waits.TryGive(true); count--)
        {
        }
    }

    /// <summary>Wakes every flow that waits now. Not a checkpoint.</summary>
    /// <param name="holder">What acquiring the lock returned.</param>
    /// <exception cref="ArgumentException">The holder is of another lock, or released.</exception>
    /// <exception cref="InvalidOperationException">Another coroutine holds the lock, or this isn't its loop's thread.</exception>
    public void NotifyAll(LockHolder holder)
    {
        Verify(holder, "notifies under");
        _waits.GiveAll(true);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    void IHomed.ForgetFlows() => _waits.Forget();

    private async Task WaitAndReacquireAsync(EventLoop loop, ScopeContext context, LockHolder holder, CancellationToken token)
    {
        context.Enter();
        QueuedWait<bool> wait = _waits.Enqueue(loop, context, token);
        Lock.HandOn();
        try
        {
            await wait.Typed;
        }
        finally
        {
            await Lock.ReacquireAsync(holder);
            context.Exit();
        }
    }

    private EventLoop Verify(LockHolder holder, string does)
    {
        EventLoop loop = _home.Enter(this);
        if (holder.Lock != Lock || !Lock.IsCurrent(holder))
        {
            throw new ArgumentException($"{Name} needs what acquiring {Lock.Name} returned, before it is released.", nameof(holder));
        }

        Lock.VerifyOwner(loop, does);
        return loop;
    }
}
