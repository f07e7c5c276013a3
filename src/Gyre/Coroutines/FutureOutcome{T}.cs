using System.Runtime.ExceptionServices;

namespace Gyre;

/// <summary>How a future settled, as a value that can be looked at without anything being thrown.</summary>
/// <typeparam name="T">The type of the future's value.</typeparam>
/// <param name="State">Never <see cref="FutureState.Pending"/>.</param>
/// <param name="Value">The value when it succeeded, else the default.</param>
/// <param name="Thrown">The failure or the cancellation; null when it succeeded.</param>
public readonly record struct FutureOutcome<T>(FutureState State, T? Value, Exception? Thrown)
{
    /// <summary>The value, or throws what the future failed with.</summary>
    /// <exception cref="Exception"><see cref="Thrown"/>.</exception>
    public T Unwrap()
    {
        if (Thrown is not null)
        {
            ExceptionDispatchInfo.Throw(Thrown);
        }

        return Value!;
    }
}
