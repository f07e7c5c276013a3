using Gyre.Coroutines;
using Gyre.Diagnostics;
using Gyre.Loop;

namespace Gyre;

/// <summary>A running coroutine that ends with a value, and at the same time the future of that value.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
/// <inheritdoc cref="Coroutine" path="/remarks"/>
public sealed class Coroutine<T> : Future<T>, ICoroutine
{
    private readonly CoroutineRun _run;

    internal Coroutine(ScopeContext parent, ICoroutineOwner owner, Func<Task<T>> body, string? name, string? file, int line)
        : base(parent, name: null)
    {
        _run = new CoroutineRun(this, parent, owner, body, name, file, line);
        MarkObserved();
    }

    /// <inheritdoc/>
    public override string Name
    {
        get => _run.Name;
        set => _run.Name = value;
    }

    /// <inheritdoc cref="Coroutine.Node"/>
    public CoroutineNode Node => _run;

    internal CoroutineRun Run => _run;

    private protected override bool IsOwnFlow => Coroutine.Current == _run;

    /// <inheritdoc cref="Coroutine.Cancel"/>
    public override bool Cancel(string? reason = null) => _run.Cancel(reason);

    /// <inheritdoc/>
    public override string ToString() => _run.ToString();

    void ICoroutine.OnReturned(Task body) => TrySettleWith(((Task<T>)body).GetAwaiter().GetResult());

    void ICoroutine.OnFailed(Exception failure) => TrySettleFailed(failure);

    void ICoroutine.OnCancelled(OperationCanceledException cancellation) => TrySettleCancelled(cancellation);

    private protected override void VerifySettable() => throw CoroutineRun.SettledByOthers(_run);
}
