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
    private readonly Generator<TYield, TSend, TReturn> _inner;

    internal DelegateAwaitable(Generator<TYield, TSend, TReturn> inner) => _inner = inner;

    /// <summary>Always false: the driver runs the other one first.</summary>
    public bool IsCompleted => false;

    /// <summary>Itself.</summary>
    public DelegateAwaitable<TYield, TSend, TReturn> GetAwaiter() => this;

    /// <summary>What the other generator returned, or throws what it failed with.</summary>
    public TReturn GetResult() => _inner.TakeOutcome();

    /// <summary>Called when something other than a generator's body awaits it.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public void OnCompleted(Action continuation) => throw Misplaced();

    /// <inheritdoc cref="OnCompleted"/>
    public void UnsafeOnCompleted(Action continuation) => throw Misplaced();

    private static InvalidOperationException Misplaced() =>
        new("A delegation was awaited outside the body of a generator; await it in the async method that was given to Generator.Create.");
}
