using System.Diagnostics;
using Gyre.Coroutines;
using Gyre.Diagnostics;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre.Sync;

/// <summary>
/// Mutual exclusion across awaits: one flow at a time is between acquiring and releasing. Code without an await in between
/// needs none, because a loop runs one thing at a time.
/// </summary>
/// <remarks>
/// <para>First-in first-out, handed over directly: nobody can come in between a release and the flow that waited longest. The
/// owner is a coroutine. When it ends without releasing, the lock is broken, and whoever waits for it or wants it later gets a
/// <see cref="BrokenLockException"/> instead of waiting for ever.</para>
/// <para>Not reentrant: several flows of one coroutine (<c>Task.WhenAll</c>) take turns like those of several, so a flow that
/// wants the lock it holds itself waits for ever; the tree shows who holds what is waited for.</para>
/// <para>Belongs to the loop that first uses it. Members are used on that loop's thread.</para>
/// </remarks>
[DebuggerDisplay("{ToString(),nq}, {_waits.Count} waiting")]
public sealed class AsyncLock : IFutureObserver, IHomed
{
    private readonly WaitQueue<LockHolder> _waits;
    private HomeLoop _home;
    private CoroutineNode? _owner;
    private Waitable? _watched;
    private long _acquisitions;
    private long _current;
    private bool _isHeld;
    private bool _isLeftHeld;

    /// <summary>A free lock. Any thread.</summary>
    /// <param name="name">Its name in the tree and in messages.</param>
    public AsyncLock(string? name = null)
    {
        Name = name ?? "a lock";
        _waits = new WaitQueue<LockHolder>(this);
    }

    /// <summary>Its name in the tree and in messages. Any thread.</summary>
    public string Name { get; }

    /// <summary>Whether somebody holds it. Of use to messages and tests; by the time one acts on it, it may have changed.</summary>
    public bool IsHeld => _isHeld;

    /// <summary>The coroutine that holds it; null when none does.</summary>
    public CoroutineNode? Owner => _owner;

    /// <summary>Who holds it and who waits.</summary>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public LockStatistics Statistics
    {
        get
        {
            _home.Enter(this);
            return new LockStatistics(_isHeld, _owner, _waits.Waiters(), _acquisitions);
        }
    }

    /// <inheritdoc cref="IFutureObserver.SeesFailures"/>
    bool IFutureObserver.SeesFailures => false;

    /// <summary>
    /// Waits until the lock is free and takes it: <c>using (await gate.AcquireAsync()) { … }</c>. A checkpoint; goes on at once
    /// when it is free.
    /// </summary>
    /// <param name="cancellationToken">Ends this wait alone.</param>
    /// <returns>What releases it.</returns>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled; the lock wasn't taken.</exception>
    /// <exception cref="BrokenLockException">The coroutine that held it ended without releasing it.</exception>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public ValueTask<LockHolder> AcquireAsync(CancellationToken cancellationToken = default)
    {
        EventLoop loop = _home.Enter(this);
        ScopeContext context = ScopeContext.Resolve(loop);
        if (WaitSource.CancellationOf(context, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException<LockHolder>(cancellation);
        }

        if (_isHeld)
        {
            return IsBroken ? ValueTask.FromException<LockHolder>(Broken()) : Wait(loop, context, cancellationToken);
        }

        LockHolder holder = Take(context.Node);
        return --loop.Budget > 0 ? new ValueTask<LockHolder>(holder) : _waits.InNextTurn(loop, context, holder).Typed;
    }

    /// <summary>Takes the lock if it is free. Never waits, no checkpoint.</summary>
    /// <param name="holder">What releases it, if it was taken.</param>
    /// <exception cref="BrokenLockException">The coroutine that held it ended without releasing it.</exception>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public bool TryAcquire(out LockHolder holder)
    {
        EventLoop loop = _home.Enter(this);
        if (_isHeld)
        {
            holder = default;
            return IsBroken ? throw Broken() : false;
        }

        holder = Take(ScopeContext.Resolve(loop).Node);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        !_isHeld ? $"{Name}, free" : IsBroken ? $"{Name}, broken by {_owner}" : $"{Name}, held by {_owner?.ToString() ?? "a callback"}";

    void IHomed.ForgetFlows()
    {
        _watched = null;
        _waits.Forget();
        _isLeftHeld = _isHeld;
    }

    void IFutureObserver.OnSettled(Waitable settled)
    {
        _watched = null;
        _waits.FailAll(Broken);
    }

    /// <summary>Whether what <paramref name="holder"/> stands for hasn't been released yet.</summary>
    internal bool IsCurrent(LockHolder holder) => _isHeld && holder.Acquisition == _current;

    /// <summary>Releases; the next in line has it when this returns, and runs later.</summary>
    internal void Release(LockHolder holder)
    {
        if (!IsCurrent(holder))
        {
            // Disposed already, as any disposable may be.
            return;
        }

        EventLoop loop = _home.Enter(this);
        VerifyOwner(loop, "releases");
        HandOn();
    }

    /// <summary>For conditions: the same as a release, without the question who asks, which was asked when the wait began.</summary>
    internal void HandOn()
    {
        StopWatching();
        if (_waits.First is not { } next)
        {
            _isHeld = false;
            _owner = null;
            return;
        }

        _waits.TryGive(next.Tag is Reacquisition again ? Take(next.Waiter, again.Number) : Take(next.Waiter));
        if (IsBroken)
        {
            // A flow that an ended coroutine left behind: nobody is there any more who could be watched.
            _waits.FailAll(Broken);
            return;
        }

        WatchOwner();
    }

    /// <summary>For conditions: takes the lock back, whatever is cancelled meanwhile, so that the block that releases it holds it.</summary>
    internal ValueTask<LockHolder> ReacquireAsync(LockHolder earlier)
    {
        EventLoop loop = _home.Enter(this);
        ScopeContext context = ScopeContext.Resolve(loop);
        if (!_isHeld)
        {
            return new ValueTask<LockHolder>(Take(context.Node, earlier.Acquisition));
        }

        if (IsBroken)
        {
            return ValueTask.FromException<LockHolder>(Broken());
        }

        QueuedWait<LockHolder> wait = _waits.EnqueueUncancellable(loop, context, new Reacquisition(earlier.Acquisition));
        WatchOwner();
        return wait.Typed;
    }

    internal void VerifyOwner(EventLoop loop, string does)
    {
        CoroutineNode? current = ScopeContext.Resolve(loop).Node;
        if (current != _owner)
        {
            throw new InvalidOperationException(
                $"{current?.ToString() ?? "A callback"} {does} {this}; only the coroutine that acquired it may.");
        }
    }

    /// <summary>Held by a coroutine that has ended, or by anybody of a loop that has.</summary>
    private bool IsBroken => _isLeftHeld || _owner is { IsCompleted: true };

    private LockHolder Take(CoroutineNode? owner) => Take(owner, ++_acquisitions);

    private LockHolder Take(CoroutineNode? owner, long acquisition)
    {
        _isHeld = true;
        _owner = owner;
        _current = acquisition;
        return new LockHolder(this, acquisition);
    }

    private ValueTask<LockHolder> Wait(EventLoop loop, ScopeContext context, CancellationToken token)
    {
        QueuedWait<LockHolder> wait = _waits.Enqueue(loop, context, token);
        WatchOwner();
        return wait.Typed;
    }

    /// <summary>A coroutine is the future of its end; it is looked at only while somebody waits, so that the others cost nothing.</summary>
    private void WatchOwner()
    {
        if (_watched is null && _waits.Count > 0 && _owner is CoroutineRun { IsCompleted: false } run)
        {
            _watched = run.Future;
            _watched.AddObserver(this);
        }
    }

    private void StopWatching()
    {
        _watched?.RemoveObserver(this);
        _watched = null;
    }

    private BrokenLockException Broken() =>
        new($"{_owner} ended without releasing {Name}; what the lock protects may be half-changed. Release it in a using block.");

    /// <summary>A flow that held the lock before, and whose holder is to stay valid.</summary>
    private sealed class Reacquisition(long number)
    {
        public long Number => number;
    }
}
