using System.Diagnostics;
using Gyre.Coroutines;
using Gyre.Diagnostics;
using Gyre.Loop;
using Gyre.LowLevel;
using Gyre.Scopes;

namespace Gyre;

/// <summary>
/// A running coroutine: an async body with a name, a place in the tree and a root scope of its own. Every spawn returns one.
/// </summary>
/// <remarks>
/// Members are used on its loop's thread. <see cref="JoinAsync"/> waits for its end; a cancelled waiter leaves the coroutine
/// alone. It is joined by name rather than awaited itself, so that a spawn whose end the group awaits draws no warning.
/// </remarks>
public class Coroutine : CoroutineNode, IScopeOwner, IWaitingBody
{
    private readonly ScopeContext _context;
    private readonly ICoroutineOwner _owner;
    private Func<Task>? _body;
    private ExecutionContext? _flowed;
    private Task? _task;
    private List<JoinWait>? _joiners;
    private Exception? _failure;

    internal Coroutine(ScopeContext parent, ICoroutineOwner owner, Func<Task> body, string? name, string? file, int line)
        : base(parent.Node, parent.Loop.NextCoroutineId(), name, file, line)
    {
        _owner = owner;
        _body = body;
        _flowed = ExecutionContext.Capture();
        _context = new ScopeContext(parent.Loop, this, parent, this);
    }

    /// <summary>The coroutine that runs the calling code; null in callbacks of the loop itself, and off a loop.</summary>
    public static Coroutine? Current =>
        EventLoop.CurrentOrNull is { } loop ? ScopeContext.Resolve(loop).Node as Coroutine : null;

    /// <summary>The loop that runs it. Any thread.</summary>
    public EventLoop Loop => _context.Loop;

    /// <summary>Why it failed; null unless <see cref="CoroutineNode.State"/> is <see cref="CoroutineState.Failed"/>.</summary>
    public Exception? Failure => State == CoroutineState.Failed ? _failure : null;

    /// <summary>Whether its waits throw: it, or a scope around it, was cancelled.</summary>
    public bool IsCancelled => _context.IsCancelled;

    /// <inheritdoc/>
    Delegate? IWaitingBody.WaitingBody => _body;

    /// <summary>The root scope of the coroutine's flows.</summary>
    internal ScopeContext Context => _context;

    private protected Task BodyTask => _task!;

    /// <summary>Gives way: the current flow goes on in the next turn. A checkpoint.</summary>
    /// <exception cref="OperationCanceledException">The scope was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static ValueTask YieldAsync() => PooledWait.YieldAsync(EventLoop.Current);

    /// <summary>Waits for <paramref name="delay"/> on the loop's clock. A checkpoint, also when the delay is zero.</summary>
    /// <param name="delay">How long; <see cref="Timeout.InfiniteTimeSpan"/> waits until cancelled.</param>
    /// <param name="cancellationToken">Ends this wait alone.</param>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative.</exception>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static ValueTask SleepAsync(TimeSpan delay, CancellationToken cancellationToken = default) =>
        PooledWait.SleepAsync(EventLoop.Current, delay, cancellationToken);

    /// <summary>Cancels the coroutine: its waits end, and each further one throws. Has no effect once it has ended.</summary>
    /// <param name="reason">Why, for messages.</param>
    /// <exception cref="InvalidOperationException">This isn't the coroutine's loop's thread.</exception>
    public void Cancel(string? reason = null)
    {
        Loop.VerifyAccess(this);
        if (!IsCompleted)
        {
            _context.Cancel(reason);
        }
    }

    /// <summary>Waits until the coroutine has ended, and throws what it failed with. A checkpoint when it hasn't ended yet.</summary>
    /// <exception cref="OperationCanceledException">The coroutine was cancelled, or the waiting scope or the token was.</exception>
    /// <exception cref="InvalidOperationException">A coroutine waits for itself, or this isn't its loop's thread.</exception>
    public ValueTask JoinAsync(CancellationToken cancellationToken = default)
    {
        if (TryJoinNow(cancellationToken, out Exception? failure))
        {
            return failure is null ? default : ValueTask.FromException(failure);
        }

        var wait = new JoinWait(this);
        AddJoiner(wait);
        return wait.ParkAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void CollectWaits(ICollection<WaitDescription> waits) => _context.CollectWaits(waits);

    /// <inheritdoc/>
    public override string ToString() =>
        SpawnFile is null ? Name : $"{Name} (spawned at {Path.GetFileName(SpawnFile)}:{SpawnLine})";

    /// <summary>Queues the first step.</summary>
    internal void Schedule() =>
        Loop.Enqueue(new ReadyItem(static self => ((Coroutine)self!).Start(), this, _context, RestoreContext: true));

    /// <summary>Runs the first step inside the caller.</summary>
    internal void StartNow()
    {
        using ContextSwitch inside = ContextSwitch.Into(_context);
        Start();
    }

    /// <inheritdoc/>
    void IScopeOwner.OnUnobservedFailure(Exception failure)
    {
        if (IsCompleted)
        {
            _context.Parent!.Fail(failure);
            return;
        }

        _failure = FurtherFailures.Add(_failure, failure);
        _context.Cancel($"a callback failed: {failure.Message}");
    }

    /// <summary>Takes a joiner out that was cancelled.</summary>
    internal void RemoveJoiner(JoinWait joiner) => _joiners?.Remove(joiner);

    /// <summary>
    /// Whether joining needs no wait: it has ended, or the joiner may not wait; <paramref name="failure"/> is what to throw
    /// then.
    /// </summary>
    private protected bool TryJoinNow(CancellationToken token, out Exception? failure)
    {
        Loop.VerifyAccess(this);
        if (IsCompleted)
        {
            failure = _failure;
            return true;
        }

        if (Current == this)
        {
            throw new InvalidOperationException($"{Name} waits for itself, which would never end.");
        }

        failure = WaitSource.CancellationOf(Loop, token);
        return failure is not null;
    }

    private protected void AddJoiner(JoinWait joiner) => (_joiners ??= []).Add(joiner);

    private void Start()
    {
        State = CoroutineState.Started;
        ExecutionContext? flowed = _flowed;
        _flowed = null;
        if (flowed is null)
        {
            RunBody();
        }
        else
        {
            ExecutionContext.Run(flowed, static self => ((Coroutine)self!).RunBody(), this);
        }
    }

    private void RunBody()
    {
        Func<Task> body = _body!;
        _body = null;
        try
        {
            _task = body() ?? throw new InvalidOperationException($"The body of {this} returned null instead of a task.");
        }
#pragma warning disable CA1031 // A body that throws before its first await has failed like any other.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _task = Task.FromException(failure);
        }

        if (_task.IsCompleted)
        {
            Finish();
        }
        else
        {
            _task.GetAwaiter().UnsafeOnCompleted(Finish);
        }
    }

    private void Finish()
    {
        Exception? thrown = _task!.IsCompletedSuccessfully ? null : ExceptionOf(_task);

        // A cancellation that nobody asked of this coroutine (a foreign time-out, say) is a failure, or it would be lost.
        bool cancelled = thrown is not null && _context.IsEndByCancellation(thrown);
        if (thrown is not null && !cancelled)
        {
            _failure = FurtherFailures.Add(_failure, thrown);
        }

        // A failed callback cancelled the body; the callback's failure is the one to tell, not the cancellation it caused.
        Exception? failure = _failure;
        State = failure is not null ? CoroutineState.Failed : cancelled ? CoroutineState.Cancelled : CoroutineState.Succeeded;
        _failure ??= thrown as OperationCanceledException ?? thrown?.InnerException;
        LeaveTree();
        if (_context.IsInUse)
        {
            Loop.ReportLeftoverFlows(this);
        }

        _context.Leave();
        WakeJoiners();
        _owner.OnChildEnded(this, failure);
    }

    private void WakeJoiners()
    {
        if (_joiners is not { } joiners)
        {
            return;
        }

        _joiners = null;
        foreach (JoinWait joiner in joiners)
        {
            joiner.End(_failure);
        }
    }

    private static Exception ExceptionOf(Task task)
    {
        try
        {
            task.GetAwaiter().GetResult();
        }
#pragma warning disable CA1031 // The exception is what is asked for.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return exception;
        }

        throw new UnreachableException();
    }
}
