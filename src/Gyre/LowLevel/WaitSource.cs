using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;
using Gyre.Loop;

namespace Gyre.LowLevel;

/// <summary>
/// A reusable wait: a flow parks on it, somebody wakes it once with an outcome, and the flow goes on in its own coroutine
/// and scope. Every suspension in Gyre is one of these.
/// </summary>
/// <remarks>
/// The life of a wait: idle → parked → woken → (outcome taken) → idle. Waking queues the continuation; it never runs inside
/// the waker. A cancellation and a wake in the same turn: the first wins, and a result that was delivered is never taken
/// back. Used on its loop's thread.
/// </remarks>
[DebuggerDisplay("{_status}: {Description}")]
public abstract class WaitSource : ParkedWait
{
    private readonly EventLoop _loop;
    private object? _subject;
    private Exception? _exception;
    private ExtraState? _extra;
    private short _version;
    private Status _status;
    private bool _mustSuspend;
    private bool _isAwaited;
    private bool _isAskedInContext;
    private WaitKind _kind;

    private protected WaitSource(EventLoop loop) => _loop = loop;

    private enum Status : byte
    {
        Idle,
        Parked,
        Woken,
    }

    /// <summary>Whether a flow waits, or is about to.</summary>
    public bool IsParked => _status == Status.Parked;

    /// <summary>Whether a flow waits, or was woken and has not yet taken the outcome.</summary>
    public bool IsInUse => _status != Status.Idle;

    internal EventLoop Loop => _loop;

    /// <summary>The coroutine whose flow waits; null when none does, and in a loop's root scope.</summary>
    internal CoroutineNode? Waiter => Context?.Node;

    internal sealed override WaitDescription Description => new(_kind, _subject);

    internal sealed override object? Continuation => _isAwaited ? State ?? Callback : null;

    private protected short Version => _version;

    /// <summary>What to throw, if the current scope or <paramref name="token"/> forbids a new wait; null when it may begin.</summary>
    internal static Exception? CancellationOf(EventLoop loop, CancellationToken token)
    {
        return CancellationOf(ScopeContext.Resolve(loop), token);
    }

    /// <summary>What to throw, if <paramref name="context"/> or <paramref name="token"/> forbids a new wait; null when it may begin.</summary>
    internal static Exception? CancellationOf(ScopeContext context, CancellationToken token)
    {
        if (context.IsCancelled)
        {
            return context.CreateCancellation();
        }

        return token.IsCancellationRequested ? new OperationCanceledException(token) : null;
    }

    internal sealed override void AbortByScope(ScopeContext parkedIn, ScopeContext cancelled)
    {
        if (Context == parkedIn)
        {
            Abort(cancelled.CreateCancellation());
        }
    }

    /// <summary>Parks the current flow. The wait must be idle; cancellation was checked before.</summary>
    private protected void Park(WaitKind kind, object? subject, CancellationToken token)
    {
        _loop.VerifyAccess(subject ?? this);
        ParkIn(ScopeContext.Resolve(_loop), kind, subject, token);
    }

    /// <summary>As <see cref="Park"/>, for a caller on the loop that has looked up the scope already.</summary>
    private protected void ParkIn(ScopeContext context, WaitKind kind, object? subject, CancellationToken token)
    {
        if (_status != Status.Idle)
        {
            ThrowInUse(subject);
        }

        _status = Status.Parked;
        _kind = kind;
        _subject = subject;
        Context = context;
        context.AddWait(this);
        if (token.CanBeCanceled)
        {
            RegisterToken(token);
        }
    }

    /// <summary>
    /// Ends the wait: the flow goes on with the outcome that the derived class keeps, or throws <paramref name="exception"/>.
    /// </summary>
    /// <returns>False when nobody is parked, so that the caller keeps what it wanted to deliver.</returns>
    private protected bool Wake(Exception? exception)
    {
        Debug.Assert(_loop.HasAccess, "Whoever wakes has asked whether it may.");
        if (_status != Status.Parked)
        {
            return false;
        }

        _status = Status.Woken;
        Context!.RemoveWait(this);
        if (exception is not null)
        {
            _exception = exception;
        }

        if (_extra is not null)
        {
            _extra.Registration.Unregister();
        }

        if (_isAwaited)
        {
            Resume();
        }

        return true;
    }

    /// <summary>
    /// As <see cref="Wake"/>, for a wait that is satisfied already but has to let its peers run: an await of it suspends
    /// all the same, and goes on in the next turn.
    /// </summary>
    private protected bool WakeInNextTurn()
    {
        _mustSuspend = true;
        return Wake(exception: null);
    }

    /// <summary>
    /// In place of parking, for a wait that is satisfied already but has to let its peers run: an await of it suspends all the same, and goes on in
    /// the next turn. Nothing could end it before, so the scope isn't told of it. As with <see cref="Park"/>, the wait is idle.
    /// </summary>
    private protected void GoOnInNextTurn(ScopeContext context)
    {
        _status = Status.Woken;
        _mustSuspend = true;
        _kind = WaitKind.Turn;
        Context = context;
    }

    /// <summary>
    /// The wait is to end early. The default wakes at once; a derived class whose operation the kernel still works on
    /// returns false and wakes when that is over.
    /// </summary>
    private protected virtual bool OnAbort() => true;

    /// <summary>What an await looks at first.</summary>
    /// <remarks>
    /// Misuse is refused here: an exception of <c>OnCompleted</c> doesn't reach the awaiting method, it ends the process.
    /// </remarks>
    private protected ValueTaskSourceStatus StatusOf(short token)
    {
        CheckVersion(token);

        // A scope is a thread's context only while its loop runs the thread, so this is the check of the thread as well.
        _isAskedInContext = SynchronizationContext.Current == Context;
        if (!_isAskedInContext)
        {
            _loop.VerifyAccess(_subject ?? this);
        }

        if (_status == Status.Woken && !_mustSuspend)
        {
            return StatusOfOutcome();
        }

        if (_isAwaited)
        {
            ThrowAwaitedAlready();
        }

        return ValueTaskSourceStatus.Pending;
    }

    private ValueTaskSourceStatus StatusOfOutcome() => _exception switch
    {
        null => ValueTaskSourceStatus.Succeeded,
        OperationCanceledException => ValueTaskSourceStatus.Canceled,
        _ => ValueTaskSourceStatus.Faulted,
    };

    /// <summary>Takes the outcome and makes the wait idle again; throws when the wait was woken with an exception.</summary>
    private protected void TakeOutcome(short token)
    {
        if (EndWait(token) is { } exception)
        {
            ExceptionDispatchInfo.Throw(exception);
        }
    }

    /// <summary>As <see cref="TakeOutcome"/>, for a caller that has to tidy up before it throws what this returns.</summary>
    /// <exception cref="InvalidOperationException">The token is stale, or the wait isn't over; nothing was changed.</exception>
    private protected Exception? EndWait(short token)
    {
        CheckVersion(token);
        if (_status != Status.Woken)
        {
            throw new InvalidOperationException(
                "The result of a pending wait was asked for. A ValueTask of Gyre never blocks: await it.");
        }

        Exception? exception = _exception;
        Reset();
        return exception;
    }

    private protected void SetContinuation(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        CheckVersion(token);
        if (_isAwaited)
        {
            ThrowAwaitedAlready();
        }

        _isAwaited = true;
        if (Callback != continuation)
        {
            // Nearly always the one that it was before: the runtime's own, which resumes an async method.
            Callback = continuation;
        }

        State = state;
        RestoreContext = (flags & ValueTaskSourceOnCompletedFlags.UseSchedulingContext) != 0;
        if (!_isAskedInContext || (flags & ValueTaskSourceOnCompletedFlags.FlowExecutionContext) != 0)
        {
            AdaptToCaller(flags);
        }

        if (_status == Status.Woken)
        {
            _mustSuspend = false;
            Resume();
        }
    }

    /// <summary>What the few need that don't simply await in the context that they parked in.</summary>
    private void AdaptToCaller(ValueTaskSourceOnCompletedFlags flags)
    {
        _loop.VerifyAccess(_subject ?? this);
        SynchronizationContext? current = SynchronizationContext.Current;
        bool foreign = RestoreContext && current is not null and not (ScopeContext or BatonThread.Homecoming);
        bool flow = (flags & ValueTaskSourceOnCompletedFlags.FlowExecutionContext) != 0;
        if (foreign || flow)
        {
            CaptureExtra(foreign ? current : null, flow ? ExecutionContext.Capture() : null);
        }
        else if (RestoreContext && current is null)
        {
            // The awaiting code runs without a context (behind ConfigureAwait(false)); it goes on without one.
            RestoreContext = false;
        }
    }

    private void Abort(Exception reason)
    {
        if (_status == Status.Parked && IsOverOnAbort())
        {
            Wake(reason);
        }
    }

    /// <summary>A user's code that is told of the abort may throw: the scope answers for that, and this wait and the others end all the same.</summary>
    private bool IsOverOnAbort()
    {
        ScopeContext context = Context!;
        try
        {
            return OnAbort();
        }
#pragma warning disable CA1031 // Handed to the scope.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            context.Fail(failure);
            return true;
        }
    }

    private void Resume() => _loop.Enqueue(this);

    private void Reset()
    {
        _version++;
        _status = Status.Idle;
        _isAwaited = false;
        _isAskedInContext = false;
        State = null;
        Context = null;
        _subject = null;
        _exception = null;
        _extra = null;
        _mustSuspend = false;
        _kind = WaitKind.None;
    }

    private void CheckVersion(short token)
    {
        if (token != _version)
        {
            throw new InvalidOperationException("A ValueTask of Gyre was used again after it was awaited; await each one once.");
        }
    }

    private void RegisterToken(CancellationToken token)
    {
        _extra ??= new ExtraState();
        short version = _version;
        _extra.Registration = token.UnsafeRegister(
            (_, cancelled) =>
            {
                if (_loop.HasAccess)
                {
                    AbortByToken(version, cancelled);
                }
                else
                {
                    var abort = new Action(() => AbortByToken(version, cancelled));
                    _loop.TryPost(new ReadyItem(static state => ((Action)state!)(), abort, _loop.Root, RestoreContext: false));
                }
            },
            null);
    }

    private void AbortByToken(short version, CancellationToken token)
    {
        if (version == _version)
        {
            Abort(new OperationCanceledException(token));
        }
    }

    private void CaptureExtra(SynchronizationContext? foreign, ExecutionContext? flowed)
    {
        _extra ??= new ExtraState();
        Action<object?> continuation = Callback!;
        object? state = State;
        RestoreContext = foreign is null && RestoreContext;
        Callback = _ => Flow(continuation, state, foreign, flowed);
    }

    private static void Flow(Action<object?> continuation, object? state, SynchronizationContext? foreign, ExecutionContext? flowed)
    {
        if (foreign is not null)
        {
            foreign.Post(_ => Flow(continuation, state, null, flowed), null);
        }
        else if (flowed is not null)
        {
            ExecutionContext.Run(flowed, _ => continuation(state), null);
        }
        else
        {
            continuation(state);
        }
    }

    [DoesNotReturn]
    private static void ThrowAwaitedAlready() => throw new InvalidOperationException(
        "A ValueTask of Gyre was awaited a second time before it had ended; await it once, or use AsTask() to await a result many times.");

    [DoesNotReturn]
    private void ThrowInUse(object? subject) => throw new InvalidOperationException(
        $"{subject ?? this} is waited for already ({Description}); one flow at a time may wait for it.");

    /// <summary>What few waits need.</summary>
    private sealed class ExtraState
    {
        public CancellationTokenRegistration Registration;
    }
}
