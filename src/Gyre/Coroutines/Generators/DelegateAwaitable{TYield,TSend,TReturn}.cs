using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Gyre.Generators;

/// <summary>A delegation to another generator, to be awaited at once.</summary>
/// <typeparam name="TYield">The type of what is yielded.</typeparam>
/// <typeparam name="TSend">The type of what is sent in.</typeparam>
/// <typeparam name="TReturn">The type of what the other generator returns.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DelegateAwaitable<TYield, TSend, TReturn> : ICriticalNotifyCompletion, IGeneratorAwaiter
{
    private readonly GeneratorFlow<TYield, TSend> _flow;
    private readonly Generator<TYield, TSend, TReturn> _inner;

    internal DelegateAwaitable(GeneratorFlow<TYield, TSend> flow, Generator<TYield, TSend, TReturn> inner)
    {
        _flow = flow;
        _inner = inner;
    }

    /// <summary>Always false: the driver runs the other one first.</summary>
    public bool IsCompleted => false;

    /// <summary>Itself.</summary>
    public DelegateAwaitable<TYield, TSend, TReturn> GetAwaiter() => this;

    /// <summary>What the other generator returned, or throws what it failed with.</summary>
    public TReturn GetResult()
    {
        _flow.VerifyNotMisplaced();
        return _inner.TakeOutcome();
    }

    /// <summary>Called when an async method awaits it that isn't the body of a generator; its await throws.</summary>
    public void OnCompleted(Action continuation)
    {
        // An exception of this method would not reach the awaiting one, it would end the process.
        ArgumentNullException.ThrowIfNull(continuation);
        _flow.Misplace();
        continuation();
    }

    /// <inheritdoc cref="OnCompleted"/>
    public void UnsafeOnCompleted(Action continuation) => OnCompleted(continuation);
}
