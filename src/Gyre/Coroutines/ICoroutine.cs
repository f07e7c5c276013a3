using Gyre.Diagnostics;

namespace Gyre.Coroutines;

/// <summary>The future of a running coroutine, which settles as its body ends.</summary>
internal interface ICoroutine
{
    /// <summary>Its place in the tree.</summary>
    CoroutineNode Node { get; }

    /// <summary>The body returned; <paramref name="body"/> has its value.</summary>
    void OnReturned(Task body);

    void OnFailed(Exception failure);

    void OnCancelled(OperationCanceledException cancellation);
}
