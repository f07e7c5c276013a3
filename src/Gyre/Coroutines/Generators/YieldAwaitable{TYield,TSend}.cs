using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Gyre.Generators;

/// <summary>A yield, to be awaited at once.</summary>
/// <typeparam name="TYield">The type of what is yielded.</typeparam>
/// <typeparam name="TSend">The type of what comes back.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct YieldAwaitable<TYield, TSend> : ICriticalNotifyCompletion, IGeneratorAwaiter
{
    private readonly GeneratorFlow<TYield, TSend> _flow;

    internal YieldAwaitable(GeneratorFlow<TYield, TSend> flow) => _flow = flow;

    /// <summary>Always false: the driver has its say first.</summary>
    public bool IsCompleted => false;

    /// <summary>Itself.</summary>
    public YieldAwaitable<TYield, TSend> GetAwaiter() => this;

    /// <summary>What was sent.</summary>
    public TSend GetResult() => _flow.TakeSent();

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
