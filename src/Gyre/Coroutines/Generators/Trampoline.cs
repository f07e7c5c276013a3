using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Gyre.Generators;

/// <summary>
/// Drives nested iterators with a stack of its own, and passes upward only what they wait for: futures and operations. Calls
/// nest to any depth without using the thread's stack.
/// </summary>
/// <remarks>
/// It is an iterator itself: each <see cref="MoveNext"/> runs until somebody waits (<see cref="Current"/>) or the outermost call
/// has ended. It needs no loop as long as nobody waits; <see cref="Iterator.RunAsync(IEnumerable{Yieldable})"/> runs one on a
/// loop. One thread at a time.
/// </remarks>
[DebuggerDisplay("{Depth} calls deep, current = {_current}")]
public sealed class Trampoline
{
    private readonly Stack<IteratorCall> _frames = new();
    private readonly IteratorCall _root;
    private Yieldable? _current;
    private UnwindTrace? _unwinding;
    private bool _begun;
    private bool _running;

    /// <summary>Makes one for a call that hasn't begun.</summary>
    /// <exception cref="ArgumentException">The call has begun.</exception>
    public Trampoline(IteratorCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.HasBegun)
        {
            throw new ArgumentException($"{call.Name} was called already; make a new call of the iterator.", nameof(call));
        }

        _root = call;
        _frames.Push(call);
    }

    /// <summary>Calls that have begun and not ended, the outermost included.</summary>
    public int Depth => _frames.Count;

    /// <summary>What the innermost call waits for.</summary>
    /// <exception cref="InvalidOperationException">Nothing is waited for: it hasn't been driven yet, or has ended.</exception>
    public Yieldable Current => _current ?? throw new InvalidOperationException("Nothing is waited for; ask MoveNext first, which says whether something is.");

    /// <summary>Runs nested iterators to their end without a loop.</summary>
    /// <exception cref="InvalidOperationException">One of them waits for something.</exception>
    /// <exception cref="Exception">What the outermost failed with.</exception>
    public static void Run(IEnumerable<Yieldable> body) => RunToEnd(Iterator.Call(body));

    /// <summary>Runs nested iterators to their end without a loop, and gives the value of the outermost.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <inheritdoc cref="Run(IEnumerable{Yieldable})"/>
    public static T Run<T>(IEnumerable<Yieldable> body)
    {
        IteratorCall<T> call = Iterator.Call<T>(body);
        RunToEnd(call);
        return call.Result;
    }

    /// <summary>Goes on; call it when <see cref="Current"/> has ended.</summary>
    /// <returns>Whether something is waited for now; false when the outermost call has ended.</returns>
    /// <exception cref="InvalidOperationException">An iterator drives the trampoline that runs it, or the call was begun elsewhere.</exception>
    public bool MoveNext()
    {
        Enter();
        try
        {
            _current = null;
            while (_current is null && _frames.TryPeek(out IteratorCall? frame))
            {
                Step(frame);
            }
        }
        finally
        {
            _running = false;
        }

        return _current is not null;
    }

    /// <summary>
    /// Ends the innermost call with <paramref name="exception"/>, as if what it waits for could not be waited for, and goes on.
    /// Its <c>finally</c> blocks run; those it was called by see the failure where they read its result.
    /// </summary>
    /// <inheritdoc cref="MoveNext" path="/returns"/>
    /// <inheritdoc cref="MoveNext" path="/exception"/>
    /// <exception cref="Exception"><paramref name="exception"/> itself, when the outermost call has ended.</exception>
    public bool Throw(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        Enter();
        try
        {
            if (!_frames.TryPeek(out IteratorCall? frame))
            {
                // Nobody is left to see it.
                ExceptionDispatchInfo.Throw(exception);
            }

            frame.FinishDisposed(exception);
            Pop();
        }
        finally
        {
            _running = false;
        }

        return MoveNext();
    }

    /// <summary>Throws what the outermost call failed with, with the place where it was first thrown.</summary>
    /// <exception cref="InvalidOperationException">It hasn't ended.</exception>
    /// <exception cref="Exception">What it failed with.</exception>
    public void ThrowIfFailed()
    {
        if (!_root.HasEnded)
        {
            throw new InvalidOperationException($"{_root.Name} hasn't ended; drive it with MoveNext until that says false.");
        }

        if (_root.Failure is { } failure)
        {
            UnwindTrace.Rethrow(_unwinding, failure, _root.Name);
        }
    }

    private static void RunToEnd(IteratorCall call)
    {
        var trampoline = new Trampoline(call);
        bool goesOn = trampoline.MoveNext();
        while (goesOn)
        {
            // Thrown into it, so that its finally blocks run.
            goesOn = trampoline.Throw(new InvalidOperationException(
                $"{trampoline._frames.Peek().Name} waits for {trampoline.Current}, which needs a loop; use Iterator.RunAsync in a coroutine."));
        }

        trampoline.ThrowIfFailed();
    }

    private void Step(IteratorCall frame)
    {
        Yieldable? ended = frame.Awaited;
        frame.Awaited = null;
        ended?.IsSeen = false;
        bool goesOn;
        try
        {
            goesOn = frame.MoveNext();
        }
#pragma warning disable CA1031 // Handed to whoever called it.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            // Of one that the compiler wrote nothing is left to dispose of; a body may be composed by other means, though.
            frame.FinishDisposed(thrown);
            Pop();
            return;
        }

        if (ended is { IsSeen: false, Thrown: { } unseen })
        {
            frame.FinishDisposed(unseen);
            Pop();
        }
        else if (!goesOn)
        {
            frame.OnEnd();
            Pop();
        }
        else
        {
            Wait(frame, frame.Current);
        }
    }

    private void Wait(IteratorCall frame, Yieldable? yielded)
    {
        switch (yielded)
        {
            case null:
                frame.FinishDisposed(new InvalidOperationException($"{frame.Name} yielded null; yield what it is to wait for."));
                Pop();
                break;
            case IteratorReturn returned:
                frame.OnReturn(returned);
                Pop();
                break;
            case IteratorCall { HasEnded: true } call:
                frame.Awaited = call;
                break;
            case IteratorCall { HasBegun: true } call:
                frame.FinishDisposed(new InvalidOperationException($"{frame.Name} waits for {call.Name}, which runs already and may wait for it."));
                Pop();
                break;
            case IteratorCall call:
                frame.Awaited = call;
                _frames.Push(call);
                break;
            default:
                frame.Awaited = yielded;
                _current = yielded;
                break;
        }
    }

    private void Pop()
    {
        IteratorCall ended = _frames.Pop();
        if (ended.Thrown is { } thrown && _frames.Count > 0)
        {
            UnwindTrace.Pass(ref _unwinding, thrown, ended.Name);
        }
    }

    private void Enter()
    {
        if (_running)
        {
            throw new InvalidOperationException("An iterator drives the trampoline that runs it; yield a call instead.");
        }

        if (!_begun && _root.HasBegun)
        {
            throw new InvalidOperationException($"{_root.Name} was called elsewhere meanwhile; make a new call of the iterator.");
        }

        _begun = true;
        _running = true;
    }
}
