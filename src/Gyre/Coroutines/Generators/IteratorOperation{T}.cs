using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Gyre.Generators;

/// <summary>An awaitable operation that begins when an iterator yields it. Made by <see cref="Iterator.Operation{T}"/>.</summary>
/// <typeparam name="T">The type of its result.</typeparam>
[DebuggerDisplay("ended = {_hasEnded}")]
public sealed class IteratorOperation<T> : Yieldable
{
    private readonly Func<ValueTask<T>> _begin;
    private T? _result;
    private ExceptionDispatchInfo? _thrown;
    private bool _hasBegun;
    private bool _hasEnded;

    internal IteratorOperation(Func<ValueTask<T>> begin) => _begin = begin;

    /// <summary>Its result.</summary>
    /// <exception cref="InvalidOperationException">It hasn't ended; <c>yield return</c> it first.</exception>
    /// <exception cref="Exception">What it failed with.</exception>
    public T Result
    {
        get
        {
            IsSeen = true;
            if (!_hasEnded)
            {
                throw new InvalidOperationException("The operation hasn't ended; 'yield return' it, and read its result after that.");
            }

            _thrown?.Throw();
            return _result!;
        }
    }

    internal override bool IsSeen { get; set; }

    internal override Exception? Thrown => _thrown?.SourceException;

    internal override async ValueTask SettleAsync()
    {
        if (_hasBegun)
        {
            throw new InvalidOperationException("An operation was yielded a second time; make a new one for each wait.");
        }

        _hasBegun = true;
        try
        {
            _result = await _begin();
        }
#pragma warning disable CA1031 // Thrown where the result is read.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            _thrown = ExceptionDispatchInfo.Capture(thrown);
        }

        _hasEnded = true;
    }
}
