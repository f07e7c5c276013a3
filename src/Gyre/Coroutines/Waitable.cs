using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Gyre.Coroutines;
using Gyre.Generators;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre;

/// <summary>
/// Something that settles once, and that coroutines of every style can wait for, as often as they like: a
/// <see cref="Future"/>, a <see cref="Coroutine"/>, a call of an iterator.
/// </summary>
/// <remarks>
/// Members are used on its loop's thread. A failure that nobody has seen when the scope closes that it was made in fails
/// that scope; it is never dropped.
/// </remarks>
[DebuggerDisplay("{ToString(),nq}: {_state}")]
public abstract partial class Waitable : Yieldable
{
    private readonly ScopeContext _scope;
    private string? _name;
    private ExceptionDispatchInfo? _thrown;
    private FutureState _state;

    private protected Waitable(ScopeContext scope, string? name)
    {
        _scope = scope;
        _name = name;
    }

    /// <summary>The loop that it belongs to. Any thread.</summary>
    public EventLoop Loop => _scope.Loop;

    /// <summary>Its name in the tree and in messages.</summary>
    public virtual string Name
    {
        get => _name ?? GetType().Name switch
        {
            "Future`1" or "Future" => "a future",
            string type => type,
        };
        set => _name = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>Whether it is pending, or how it settled.</summary>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public FutureState State
    {
        get
        {
            Loop.VerifyAccess(this);
            return _state;
        }
    }

    /// <summary>Whether it has settled in any way.</summary>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public bool IsDone => State != FutureState.Pending;

    /// <summary>
    /// What it failed with; null unless <see cref="State"/> is <see cref="FutureState.Failed"/>. Asking then counts as seeing it.
    /// </summary>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public Exception? Failure
    {
        get
        {
            Loop.VerifyAccess(this);
            IsSeen = true;
            if (_state != FutureState.Failed)
            {
                return null;
            }

            _isObserved = true;
            return _thrown!.SourceException;
        }
    }

    /// <summary>The scope in which it was made, and which answers for its failure if nobody else does.</summary>
    internal ScopeContext Scope => _scope;

    /// <summary>Throws what it settled with, with the trace that this had then.</summary>
    internal void Rethrow() => _thrown?.Throw();

    internal override bool IsSeen { get; set; }

    /// <summary>What waiting for it throws: the failure or the cancellation; null while it is pending, and when it succeeded.</summary>
    internal override Exception? Thrown => _thrown?.SourceException;

    /// <summary>Waits until it settles; throws what it failed with. Any number of flows may wait. A checkpoint when it is pending.</summary>
    /// <remarks>A cancelled waiter leaves it alone.</remarks>
    /// <param name="cancellationToken">Ends this wait alone.</param>
    /// <exception cref="OperationCanceledException">It was cancelled, or the waiting scope or the token was.</exception>
    /// <exception cref="InvalidOperationException">It waits for itself, or this isn't its loop's thread.</exception>
    public ValueTask WaitAsync(CancellationToken cancellationToken = default)
    {
        if (IsWaitOver(cancellationToken, out Exception? refusal))
        {
            return refusal is null ? default : new ValueTask(RefusalOf(refusal));
        }

        FutureWait wait = FutureWait.For(this);
        ValueTask waiting = wait.ParkAsync(cancellationToken);
        if (wait.IsParked)
        {
            AddObserver(wait);
        }

        return waiting;
    }

    /// <summary>
    /// Waits until it settles, in a cooperative thread, which alone may; throws what it failed with. A checkpoint when it is pending.
    /// </summary>
    /// <param name="cancellationToken">Ends this wait alone.</param>
    /// <exception cref="OperationCanceledException">It was cancelled, or the waiting scope or the token was.</exception>
    /// <exception cref="InvalidOperationException">It is pending, and this isn't a cooperative thread of its loop.</exception>
    public void Wait(CancellationToken cancellationToken = default)
    {
        if (!IsDone)
        {
            CooperativeThread.VerifyCurrent();
        }

        CooperativeThread.Await(WaitAsync(cancellationToken));
    }

    /// <summary>Makes <c>await</c> work; the same as awaiting <see cref="WaitAsync"/>.</summary>
    public ValueTaskAwaiter GetAwaiter() => WaitAsync().GetAwaiter();

    /// <summary>
    /// Settles it with a cancellation, or asks whoever works on it to end. Has no effect once it is settled.
    /// </summary>
    /// <param name="reason">Why, for messages.</param>
    /// <returns>False when it was settled already.</returns>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public virtual bool Cancel(string? reason = null) => TrySettleCancelled(CancellationOf(reason));

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Throws what it failed with, or that it isn't done; returns when it succeeded. Never blocks.</summary>
    private protected void ThrowUnlessSucceeded()
    {
        Loop.VerifyAccess(this);
        if (_state == FutureState.Pending)
        {
            throw new InvalidOperationException($"{this} isn't done, and asking for its result doesn't wait; await it instead.");
        }

        _isObserved = true;
        IsSeen = true;
        _thrown?.Throw();
    }

    internal override async ValueTask SettleAsync()
    {
        try
        {
            await WaitAsync();
        }
#pragma warning disable CA1031 // How it settled is read off it; only a cancellation of this very wait passes.
        catch (Exception thrown) when (thrown == Thrown)
#pragma warning restore CA1031
        {
        }
    }

    /// <summary>Makes the cancellation that <see cref="Cancel"/> settles with.</summary>
    private protected OperationCanceledException CancellationOf(string? reason) =>
        new(reason is null ? $"{this} was cancelled." : $"{this} was cancelled: {reason}.");

    /// <summary>Whoever waits for itself would wait for ever.</summary>
    private protected virtual bool IsOwnFlow => false;

    /// <summary>Whether a wait needs no parking: it has settled, or may not begin; <paramref name="thrown"/> is what to throw then.</summary>
    private protected bool IsWaitOver(CancellationToken token, out Exception? thrown)
    {
        Loop.VerifyAccess(this);
        if (IsDone)
        {
            // Not Loop.Budget's business: whoever awaits settled futures only makes no progress that others wait for.
            _isObserved = true;
            thrown = Thrown;
            return true;
        }

        if (IsOwnFlow)
        {
            throw new InvalidOperationException($"{this} waits for itself, which would never end.");
        }

        thrown = WaitSource.CancellationOf(Loop, token);
        return thrown is not null;
    }
}
