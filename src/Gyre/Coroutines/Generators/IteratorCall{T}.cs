namespace Gyre.Generators;

/// <summary>A call of an iterator that returns a value. Made by <see cref="Iterator.Call{T}(IEnumerable{Yieldable}, string?)"/>.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public sealed class IteratorCall<T> : IteratorCall
{
    private T? _result;

    internal IteratorCall(IEnumerable<Yieldable> body, string? name)
        : base(body, name)
    {
    }

    /// <summary>What the iterator returned, with <see cref="Iterator.Return{T}"/>.</summary>
    /// <exception cref="InvalidOperationException">It hasn't ended; <c>yield return</c> the call first.</exception>
    /// <exception cref="Exception">What it failed with.</exception>
    public T Result
    {
        get
        {
            ThrowIfFailed();
            return _result!;
        }
    }

    internal override void OnEnd() => Finish(new InvalidOperationException(
        $"{Name} ended without a value; let it end with 'yield return Iterator.Return(value)', a {typeof(T).Name}."));

    internal override void OnReturn(IteratorReturn returned)
    {
        if (returned is IteratorReturn<T> typed)
        {
            _result = typed.Value;
            FinishDisposed(null);
        }
        else
        {
            FinishDisposed(new InvalidOperationException($"{Name} returned a {returned.TypeName}, but was called for a {typeof(T).Name}."));
        }
    }
}
