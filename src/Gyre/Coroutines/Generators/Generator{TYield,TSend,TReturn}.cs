using System.Diagnostics;

namespace Gyre.Generators;

/// <summary>
/// A two-way generator: driven step by step, it yields values, is sent values back, and returns one at its end. It needs no
/// loop.
/// </summary>
/// <remarks>
/// One that delegates (<see cref="GeneratorFlow{TYield, TSend}.YieldFrom"/>) is driven through an explicit stack of bodies, so
/// that a million nested ones use no more of the thread's stack than one. One thread at a time.
/// </remarks>
/// <typeparam name="TYield">The type of what it yields.</typeparam>
/// <typeparam name="TSend">The type of what is sent in.</typeparam>
/// <typeparam name="TReturn">The type of what it returns at its end.</typeparam>
[DebuggerDisplay("{Name}: {State}")]
public sealed class Generator<TYield, TSend, TReturn> : IDelegate<TYield, TSend>, IDisposable
{
    private readonly GeneratorFrame<TYield, TSend, TReturn> _frame;
    private GeneratorFlow<TYield, TSend> _top;
    private UnwindTrace? _unwinding;
    private GeneratorClosedException? _closing;
    private bool _lent;

    internal Generator(Func<GeneratorFlow<TYield, TSend>, GeneratorBody<TReturn>> body, string? name)
    {
        _frame = new GeneratorFrame<TYield, TSend, TReturn>(body, name);
        _top = _frame;
    }

    /// <summary>Its name in messages.</summary>
    public string Name => _frame.Name;

    /// <summary>Where it is in its life.</summary>
    public GeneratorState State { get; private set; }

    GeneratorFlow<TYield, TSend> IDelegate<TYield, TSend>.Frame => _frame;

    GeneratorFlow<TYield, TSend> IDelegate<TYield, TSend>.Top => _top;

    /// <summary>Starts it, or goes on with the default of <typeparamref name="TSend"/>, to the next yield or the end.</summary>
    /// <exception cref="InvalidOperationException">It has ended, runs, or is delegated to; or its body awaited something that isn't a yield.</exception>
    /// <exception cref="Exception">What its body threw; it has ended then.</exception>
    public Step<TYield, TReturn> Next()
    {
        VerifyMayBeDriven();
        _top.Sent = default;
        return Drive();
    }

    /// <summary>Makes the pending yield return <paramref name="value"/>, and goes on to the next one or the end.</summary>
    /// <exception cref="InvalidOperationException">It hasn't begun, so no yield is pending; or as with <see cref="Next"/>.</exception>
    /// <exception cref="Exception">What its body threw; it has ended then.</exception>
    public Step<TYield, TReturn> Send(TSend value)
    {
        VerifyMayBeDriven();
        if (State == GeneratorState.Created)
        {
            throw new InvalidOperationException($"{Name} hasn't begun, so no yield waits for a value; start it with Next().");
        }

        _top.Sent = value;
        return Drive();
    }

    /// <summary>
    /// Makes the pending yield throw <paramref name="exception"/>, and goes on to the next one or the end. One that hasn't begun
    /// ends there.
    /// </summary>
    /// <exception cref="InvalidOperationException">As with <see cref="Next"/>.</exception>
    /// <exception cref="Exception">What its body threw: this one, unless it was caught.</exception>
    public Step<TYield, TReturn> Throw(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        VerifyMayBeDriven();
        _top.Injected = exception;
        return Drive();
    }

    /// <summary>
    /// Ends it: the pending yield throws <see cref="GeneratorClosedException"/>, so that <c>finally</c> blocks run, of those it
    /// delegates to as well. Has no effect when it has ended; of one that hasn't begun nothing runs.
    /// </summary>
    /// <exception cref="InvalidOperationException">It yielded once more instead of ending; or it runs, or is delegated to.</exception>
    /// <exception cref="Exception">What its body threw in place of the closing.</exception>
    public void Close()
    {
        if (State == GeneratorState.Finished)
        {
            return;
        }

        VerifyMayBeDriven();
        if (State == GeneratorState.Created)
        {
            State = GeneratorState.Finished;
            return;
        }

        var closing = new GeneratorClosedException();
        _top.Injected = closing;
        _closing = closing;
        try
        {
            if (!Drive().IsReturn)
            {
                throw new InvalidOperationException(
                    $"{Name} yielded while it was closed; a body may clean up then, but lets GeneratorClosedException pass.");
            }
        }
        catch (GeneratorClosedException thrown) when (thrown == closing)
        {
            // As it should be: the body was unwound.
        }
        finally
        {
            _closing = null;
        }
    }

    /// <summary>Closes it.</summary>
    public void Dispose() => Close();

    /// <summary>What it yields, for a <c>foreach</c>; it is sent the default each time, and closed when the loop is left.</summary>
    public IEnumerable<TYield> AsEnumerable()
    {
        try
        {
            while (Next() is { IsReturn: false } step)
            {
                yield return step.Yielded;
            }
        }
        finally
        {
            Close();
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>From now on the outermost generator alone drives it.</summary>
    void IDelegate<TYield, TSend>.Lend() => _lent = true;

    internal void VerifyMayBeDelegatedTo(GeneratorFlow<TYield, TSend> caller)
    {
        if (caller == _frame)
        {
            throw new InvalidOperationException($"{Name} delegates to itself, which would never end.");
        }

        VerifyMayBeDriven();
    }

    /// <summary>The end of one that was delegated to.</summary>
    internal TReturn TakeOutcome()
    {
        State = GeneratorState.Finished;
        return _frame.Thrown is { } thrown ? throw thrown : _frame.Returned;
    }

    private Step<TYield, TReturn> Drive()
    {
        State = GeneratorState.Running;
        while (true)
        {
            GeneratorFlow<TYield, TSend> top = _top;
            top.Resume();
            if (top.HasYielded && !top.HasEnded)
            {
                top.HasYielded = false;
                State = GeneratorState.Suspended;
                return Step<TYield, TReturn>.Yield(top.Yielded!);
            }

            // Asked before whether it has ended: another thread may run a body that awaited something foreign, to its end even.
            if (top.IsLost || (!top.HasEnded && top.DelegateTo is null))
            {
                State = GeneratorState.Finished;
                throw new InvalidOperationException(
                    $"{top.Name} awaited something that isn't a yield. A generator is driven by whoever calls it, not by a loop: " +
                    "yield a request for what it needs, and let the driver await that.");
            }

            if (top.HasEnded)
            {
                if (top == _frame)
                {
                    return Finish();
                }

                Pop(top);
            }
            else
            {
                Push(top, top.DelegateTo!);
            }
        }
    }

    private void Push(GeneratorFlow<TYield, TSend> caller, IDelegate<TYield, TSend> inner)
    {
        caller.DelegateTo = null;
        inner.Lend();
        inner.Frame.Caller = caller;
        _top = inner.Top;
        _top.Sent = default;
    }

    private void Pop(GeneratorFlow<TYield, TSend> ended)
    {
        if (_closing is not null && ended.Thrown is null)
        {
            // It has ended as it should, and returned; whoever delegated to it is closed all the same, and has no use for the value.
            ended.EndWith(_closing);
        }

        if (ended.Thrown is { } thrown)
        {
            UnwindTrace.Pass(ref _unwinding, thrown, ended.Name);
        }

        _top = ended.Caller!;
        ended.Caller = null;
    }

    private Step<TYield, TReturn> Finish()
    {
        State = GeneratorState.Finished;
        if (_frame.HasYielded)
        {
            throw new InvalidOperationException($"{Name} ended though its last yield wasn't awaited; write 'await g.Yield(…)'.");
        }

        if (_frame.Thrown is { } thrown)
        {
            UnwindTrace.Rethrow(_unwinding, thrown, Name);
        }

        return Step<TYield, TReturn>.Return(_frame.Returned);
    }

    private void VerifyMayBeDriven()
    {
        switch (State)
        {
            case GeneratorState.Running:
                throw new InvalidOperationException($"{Name} runs already; a body can't drive its own generator.");
            case GeneratorState.Finished:
                throw new InvalidOperationException($"{Name} has ended, and can't be driven any more; make a new one.");
            default:
                if (_lent)
                {
                    throw new InvalidOperationException($"Another generator delegates to {Name}; drive that one.");
                }

                break;
        }
    }
}
