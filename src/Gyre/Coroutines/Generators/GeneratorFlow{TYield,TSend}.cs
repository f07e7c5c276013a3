namespace Gyre.Generators;

/// <summary>What the body of a generator yields through; each generator hands its body one.</summary>
/// <typeparam name="TYield">The type of what is yielded.</typeparam>
/// <typeparam name="TSend">The type of what is sent in.</typeparam>
public abstract class GeneratorFlow<TYield, TSend>
{
    private bool _isMisplaced;

    private protected GeneratorFlow()
    {
    }

    /// <summary>The generator that this one was delegated to by; null for the outermost, and while nobody delegates to it.</summary>
    internal GeneratorFlow<TYield, TSend>? Caller { get; set; }

    /// <summary>What the body wants to delegate to; taken by who drives it.</summary>
    internal IDelegate<TYield, TSend>? DelegateTo { get; set; }

    /// <summary>Whether the body has yielded, and the driver hasn't taken it yet.</summary>
    internal bool HasYielded { get; set; }

    internal TYield? Yielded { get; private set; }

    /// <summary>What the pending yield is to return.</summary>
    internal TSend? Sent { get; set; }

    /// <summary>What the pending yield is to throw instead.</summary>
    internal Exception? Injected { get; set; }

    internal abstract string Name { get; }

    internal abstract bool HasEnded { get; }

    internal abstract Exception? Thrown { get; }

    /// <summary>Whether the driver runs the body right now.</summary>
    private protected abstract bool IsDriven { get; }

    /// <summary>Whether the body awaits, or has awaited, something that isn't a yield; it may go on on any thread.</summary>
    internal abstract bool IsLost { get; }

    /// <summary>Hands <paramref name="value"/> to whoever drives the generator, and waits for what is sent back. Await it at once.</summary>
    /// <exception cref="InvalidOperationException">The yield before it wasn't awaited, or the body has awaited something else.</exception>
    public YieldAwaitable<TYield, TSend> Yield(TYield value)
    {
        VerifyMayYield();
        Yielded = value;
        HasYielded = true;
        return new YieldAwaitable<TYield, TSend>(this);
    }

    /// <summary>
    /// Delegates to <paramref name="inner"/> until it ends: what is sent, thrown and closed goes to it, what it yields goes out,
    /// and its return value is the result. Await it at once. Any depth: no stack is used for it.
    /// </summary>
    /// <typeparam name="TReturn">The type of what the inner generator returns.</typeparam>
    /// <exception cref="InvalidOperationException">The inner generator has ended, runs, or is delegated to already.</exception>
    public DelegateAwaitable<TYield, TSend, TReturn> YieldFrom<TReturn>(Generator<TYield, TSend, TReturn> inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        VerifyMayYield();
        inner.VerifyMayBeDelegatedTo(this);
        DelegateTo = inner;
        return new DelegateAwaitable<TYield, TSend, TReturn>(this, inner);
    }

    internal abstract void Resume();

    /// <summary>Makes one that has returned end with <paramref name="thrown"/> instead.</summary>
    internal abstract void EndWith(Exception thrown);

    /// <summary>An async method that isn't the body has awaited the yield.</summary>
    internal void Misplace()
    {
        _isMisplaced = true;
        HasYielded = false;
        DelegateTo = null;
    }

    internal void VerifyNotMisplaced()
    {
        if (_isMisplaced)
        {
            _isMisplaced = false;
            throw new InvalidOperationException(
                $"A yield of {Name} was awaited by an async method of its own; await it in the body itself, or delegate to another " +
                "generator with YieldFrom.");
        }
    }

    /// <summary>The result of a yield: what was sent, or the exception that was thrown in.</summary>
    internal TSend TakeSent()
    {
        VerifyNotMisplaced();
        if (Injected is { } injected)
        {
            // Plainly: a capture would make unwinding of deep delegation quadratic.
            Injected = null;
            throw injected;
        }

        return Sent!;
    }

    private void VerifyMayYield()
    {
        if (IsLost)
        {
            throw new InvalidOperationException(
                $"{Name} awaited something that isn't a yield, and nobody drives it any more; it can't yield again.");
        }

        if (!IsDriven)
        {
            throw new InvalidOperationException($"Something other than the body of {Name} yields through it; only the body may.");
        }

        if (HasYielded || DelegateTo is not null)
        {
            throw new InvalidOperationException($"{Name} yields again though its last yield wasn't awaited; write 'await g.Yield(…)'.");
        }
    }
}
