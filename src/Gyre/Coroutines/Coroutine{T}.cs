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

    /// <summary>What the body returned; it has ended well.</summary>
    internal T Value => ((Task<T>)BodyTask).GetAwaiter().GetResult();

    /// <summary>Waits until the coroutine has ended and gives its value, or throws what it failed with.</summary>
    /// <inheritdoc cref="Coroutine.JoinAsync"/>
    public new ValueTask<T> JoinAsync(CancellationToken cancellationToken = default)
    {
        if (TryJoinNow(cancellationToken, out Exception? failure))
        {
            return failure is null ? new ValueTask<T>(Value) : ValueTask.FromException<T>(failure);
        }

        var wait = new JoinWait<T>(this);
        AddJoiner(wait);
        return wait.ParkAsync(cancellationToken);
    }
}
