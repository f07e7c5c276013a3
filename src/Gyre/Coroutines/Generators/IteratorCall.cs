using System.Diagnostics;

namespace Gyre.Generators;

/// <summary>A call of an iterator: one run of its body, and what it came to. Made by <see cref="Iterator.Call(IEnumerable{Yieldable}, string?)"/>.</summary>
[DebuggerDisplay("{Name}, ended = {HasEnded}")]
public class IteratorCall : Yieldable
{
    private readonly IEnumerable<Yieldable> _body;
    private IEnumerator<Yieldable>? _running;
    private Exception? _thrown;

    internal IteratorCall(IEnumerable<Yieldable> body, string? name)
    {
        _body = body;
        Name = name ?? "an iterator";
    }

    /// <summary>Its name in messages.</summary>
    public string Name { get; }

    /// <summary>Whether the body has ended in any way.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>What the body failed with; null when it hasn't ended, or ended well. Asking counts as having seen it.</summary>
    public Exception? Failure
    {
        get
        {
            IsSeen = true;
            return _thrown;
        }
    }

    internal override bool IsSeen { get; set; }

    internal override Exception? Thrown => _thrown;

    /// <summary>What the frame waits for.</summary>
    internal Yieldable? Awaited { get; set; }

    internal bool HasBegun => _running is not null || HasEnded;

    internal Yieldable? Current => _running!.Current;

    /// <summary>Throws what the body failed with.</summary>
    /// <exception cref="InvalidOperationException">It hasn't ended; <c>yield return</c> the call first.</exception>
    /// <exception cref="Exception">What the body failed with.</exception>
    public void ThrowIfFailed()
    {
        IsSeen = true;
        if (!HasEnded)
        {
            throw new InvalidOperationException($"{Name} hasn't ended; 'yield return' the call, and read its result after that.");
        }

        if (_thrown is { } thrown)
        {
            // Plainly: see UnwindTrace.
            throw thrown;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal override ValueTask SettleAsync() =>
        throw new UnreachableException("A call of an iterator is driven by the trampoline and never passed on.");

    internal bool MoveNext()
    {
        _running ??= _body.GetEnumerator();
        return _running.MoveNext();
    }

    /// <summary>The body ended without <see cref="Iterator.Return{T}"/>.</summary>
    internal virtual void OnEnd() => Finish(null);

    /// <summary>The body said what it returns; its <c>finally</c> blocks run.</summary>
    internal virtual void OnReturn(IteratorReturn returned) => FinishDisposed(
        new InvalidOperationException($"{Name} returned a value, but was called without one; use Iterator.Call<T>."));

    /// <summary>Ends a body that stands at a <c>yield</c>: its <c>finally</c> blocks run. A failure of those takes the place of the other.</summary>
    internal void FinishDisposed(Exception? thrown)
    {
        try
        {
            _running?.Dispose();
        }
#pragma warning disable CA1031 // It is the call's failure now.
        catch (Exception worse)
#pragma warning restore CA1031
        {
            thrown = worse;
        }

        Finish(thrown);
    }

    internal void Finish(Exception? thrown)
    {
        _thrown = thrown;
        _running = null;
        Awaited = null;
        HasEnded = true;
    }
}
