using Gyre.Coroutines;
using Gyre.Diagnostics;
using Gyre.Loop;

namespace Gyre;

/// <summary>
/// A running coroutine: a body with a name, a place in the tree and a root scope of its own, and at the same time the future
/// of its end. Every spawn returns one.
/// </summary>
/// <remarks>
/// Members are used on its loop's thread. Awaiting it waits for its end; a cancelled waiter leaves the coroutine alone. Whether
/// or not anybody awaits it, its group waits for it and answers for its failure.
/// </remarks>
public sealed class Coroutine : Future, ICoroutine
{
    private readonly CoroutineRun _run;

    internal Coroutine(ScopeContext parent, ICoroutineOwner owner, Func<Task> body, string? name, string? file, int line)
        : base(parent, name: null)
    {
        _run = new CoroutineRun(this, parent, owner, body, name, file, line);
        MarkObserved();
    }

    /// <summary>The coroutine that runs the calling code; null in callbacks of the loop itself, and off a loop.</summary>
    public static CoroutineNode? Current =>
        EventLoop.CurrentOrNull is { } loop ? ScopeContext.Resolve(loop).Node : null;

    /// <inheritdoc/>
    public override string Name
    {
        get => _run.Name;
        set => _run.Name = value;
    }

    /// <summary>Its place in the tree, with what it waits for.</summary>
    public CoroutineNode Node => _run;

    internal CoroutineRun Run => _run;

    private protected override bool IsOwnFlow => Current == _run;

    /// <summary>Gives way: the current flow goes on in the next turn. A checkpoint.</summary>
    /// <exception cref="OperationCanceledException">The scope was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static ValueTask YieldAsync() => PooledWait.YieldAsync(ScopeContext.OfCaller());

    /// <summary>Waits for <paramref name="delay"/> on the loop's clock. A checkpoint, also when the delay is zero.</summary>
    /// <param name="delay">How long; <see cref="Timeout.InfiniteTimeSpan"/> waits until cancelled.</param>
    /// <param name="cancellationToken">Ends this wait alone.</param>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative.</exception>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static ValueTask SleepAsync(TimeSpan delay, CancellationToken cancellationToken = default) =>
        PooledWait.SleepAsync(ScopeContext.OfCaller(), delay, cancellationToken);

    /// <summary>Cancels the coroutine: its waits end, and each further one throws. It settles when its body has ended.</summary>
    /// <inheritdoc/>
    public override bool Cancel(string? reason = null) => _run.Cancel(reason);

    /// <inheritdoc/>
    public override string ToString() => _run.ToString();

    void ICoroutine.OnReturned(Task body) => TrySettleSucceeded();

    void ICoroutine.OnFailed(Exception failure) => TrySettleFailed(failure);

    void ICoroutine.OnCancelled(OperationCanceledException cancellation) => TrySettleCancelled(cancellation);

    private protected override void VerifySettable() => throw CoroutineRun.SettledByOthers(_run);
}
