using System.Diagnostics;
using Gyre.Diagnostics;
using Gyre.Loop;
using Gyre.Scopes;

namespace Gyre.Coroutines;

/// <summary>The run of a coroutine's body: the node in the tree, the root scope, and the way from the first step to the end.</summary>
internal sealed class CoroutineRun : CoroutineNode, IScopeOwner, IWaitingBody
{
    private readonly ICoroutine _future;
    private readonly ScopeContext _context;
    private Exception? _failure;

    /// <summary>The body, or the body with what it flows, until it begins; then its task, until that has ended. One field, for size.</summary>
    private object? _work;

    public CoroutineRun(
        ICoroutine future, ScopeContext parent, ICoroutineOwner owner, Func<Task> body, string? name, string? file, int line)
        : base(parent.Node, parent.Loop.NextCoroutineId(), parent.Loop.NowRoughly, name, file, line)
    {
        _future = future;
        _work = ExecutionContext.Capture() is { } flowed ? new Flowing(body, flowed) : body;
        _context = new ScopeContext(parent.Loop, this, parent, this);
        Debug.Assert(Owner == owner, "A coroutine is owned by whoever opened the scope around it, or by the run of its loop.");
    }

    public EventLoop Loop => _context.Loop;

    /// <summary>The coroutine as the future of its end.</summary>
    public Waitable Future => (Waitable)_future;

    /// <summary>Asked of the scope around it rather than kept, for size.</summary>
    private ICoroutineOwner Owner => _context.Parent!.Owner as ICoroutineOwner ?? (ICoroutineOwner)Loop.RunOwner!;

    /// <summary>The root scope of the coroutine's flows.</summary>
    public ScopeContext Context => _context;

    /// <inheritdoc/>
    public override bool IsCancelled => _context.IsCancelled;

    /// <inheritdoc/>
    Delegate? IWaitingBody.WaitingBody => _work as Delegate ?? (_work as Flowing)?.Body;

    public static InvalidOperationException SettledByOthers(CoroutineRun run) =>
        new($"{run} is a coroutine; it settles as its body ends. Settle a Future of your own, or cancel the coroutine.");

    /// <inheritdoc/>
    public override bool Cancel(string? reason = null)
    {
        Loop.VerifyAccess(this);
        if (IsCompleted)
        {
            return false;
        }

        _context.Cancel(reason);
        return true;
    }

    /// <inheritdoc/>
    public override void CollectWaits(ICollection<WaitDescription> waits) => _context.CollectWaits(waits);

    /// <inheritdoc/>
    public override string ToString() =>
        SpawnFile is null ? Name : $"{Name} (spawned at {Path.GetFileName(SpawnFile)}:{SpawnLine})";

    /// <summary>Queues the first step.</summary>
    public void Schedule() =>
        Loop.Enqueue(new ReadyItem(static self => ((CoroutineRun)self!).Start(), this, _context, RestoreContext: true));

    /// <summary>Runs the first step inside the caller.</summary>
    public void StartNow()
    {
        using ContextSwitch inside = ContextSwitch.Into(_context);
        Start();
    }

    ScopeKind IScopeOwner.Kind => ScopeKind.Coroutine;

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

    private void Start()
    {
        State = CoroutineState.Started;
        if (_work is Flowing flowing)
        {
            _work = flowing.Body;
            ExecutionContext.Run(flowing.Context, static self => ((CoroutineRun)self!).RunBody(), this);
        }
        else
        {
            RunBody();
        }
    }

    private void RunBody()
    {
        var body = (Func<Task>)_work!;
        _work = null;
        Task task;
        try
        {
            task = body() ?? throw new InvalidOperationException($"The body of {this} returned null instead of a task.");
        }
#pragma warning disable CA1031 // A body that throws before its first await has failed like any other.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            task = Task.FromException(failure);
        }

        _work = task;
        if (task.IsCompleted)
        {
            Finish();
        }
        else
        {
            task.GetAwaiter().UnsafeOnCompleted(Finish);
        }
    }

    private void Finish()
    {
        var task = (Task)_work!;
        _work = null;
        Exception? thrown = task.IsCompletedSuccessfully ? null : ExceptionOf(task);
        if (!Loop.HasAccess)
        {
            FinishWithoutLoop(thrown);
            return;
        }

        // A cancellation that nobody asked of this coroutine (a foreign time-out, say) is a failure, or it would be lost.
        bool cancelled = thrown is not null && _context.IsEndByCancellation(thrown);
        if (thrown is not null && !cancelled)
        {
            _failure = FurtherFailures.Add(_failure, thrown);
        }

        // While it is open yet, its scope takes the failures that nobody has seen; they are the coroutine's own.
        _context.ReportLostFailures();

        // A failed callback cancelled the body; the callback's failure is the one to tell, not the cancellation it caused.
        Exception? failure = _failure;
        State = failure is not null ? CoroutineState.Failed : cancelled ? CoroutineState.Cancelled : CoroutineState.Succeeded;
        LeaveTree();
        if (_context.IsInUse)
        {
            Loop.ReportLeftoverFlows(this);
        }

        _context.Leave();
        if (failure is not null)
        {
            _future.OnFailed(failure);
        }
        else if (cancelled)
        {
            _future.OnCancelled(thrown as OperationCanceledException ?? (OperationCanceledException)thrown!.InnerException!);
        }
        else
        {
            _future.OnReturned(task);
        }

        Owner.OnChildEnded(this, failure);
    }

    /// <summary>
    /// The loop has ended, and the body came to its end on a thread of its own or of the pool: a call that blocked, or a foreign task, outlived
    /// the run, which has failed because of that. Nobody is left to be told, and an exception here would end the process.
    /// </summary>
    private void FinishWithoutLoop(Exception? thrown)
    {
        if (thrown is not null and not OperationCanceledException)
        {
            Loop.Report($"gyre: {this} failed after its loop '{Loop.Name}' had ended: {thrown}");
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

    /// <summary>A body that is to run in the execution context of its spawn, which few have one of.</summary>
    private sealed class Flowing(Func<Task> body, ExecutionContext context)
    {
        public Func<Task> Body => body;

        public ExecutionContext Context => context;
    }
}
