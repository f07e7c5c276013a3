using Gyre.Coroutines;
using Gyre.Loop;

namespace Gyre;

/// <summary>A running coroutine that ends with a value.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public sealed class Coroutine<T> : Coroutine
{
    internal Coroutine(ScopeContext parent, ICoroutineOwner owner, Func<Task<T>> body, string? name, string? file, int line)
        : base(parent, owner, body, name, file, line)
    {
    }

    /// <summary>Waits until the coroutine has ended and gives its value, or throws what it failed with.</summary>
    /// <inheritdoc cref="Coroutine.JoinAsync"/>
    public new async ValueTask<T> JoinAsync(CancellationToken cancellationToken = default)
    {
        await base.JoinAsync(cancellationToken);
        return await (Task<T>)BodyTask;
    }
}
