using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Gyre.Coroutines;
using Gyre.Loop;

namespace Gyre;

/// <summary>
/// Owns the coroutines that are spawned into it: leaving the group waits for all of them, and one failure cancels the others.
/// </summary>
/// <remarks>Members are used on the loop's thread, while the group is open.</remarks>
[DebuggerDisplay("{Count} running, cancel requested = {IsCancelRequested}")]
public sealed class TaskGroup : ICoroutineOwner, IScopeOwner
{
    private readonly EventLoop _loop;
    private readonly ScopeContext _outer;
    private readonly ScopeContext _context;
    private readonly ChildrenWait _childrenWait;
    private List<Exception>? _failures;
    private bool _closed;

    private TaskGroup(EventLoop loop)
    {
        _loop = loop;
        _outer = ScopeContext.Resolve(loop);
        _context = new ScopeContext(loop, _outer.Node, _outer, this);
        _childrenWait = new ChildrenWait(loop);
    }

    /// <summary>Children that have not ended.</summary>
    public int Count { get; private set; }

    /// <summary>Whether <see cref="Cancel"/> was called, or a child or the body failed.</summary>
    public bool IsCancelRequested => _context.IsCancelRequested;

    /// <summary>A token that is cancelled with the group, for APIs that take one.</summary>
    public CancellationToken Token => _context.Token;

    /// <summary>Runs <paramref name="body"/> with a new group, then waits for every child.</summary>
    /// <exception cref="Exception">
    /// The first failure of the body or a child, as itself; <see cref="FurtherFailuresOf"/> gives the others.
    /// </exception>
    /// <exception cref="OperationCanceledException">A scope around the group was cancelled.</exception>
    public static Task RunAsync(Func<TaskGroup, Task> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return new TaskGroup(EventLoop.Current).EnterAsync(body);
    }

    /// <summary>The failures that happened beside <paramref name="failure"/> when a group rethrew it, oldest first; empty when it was alone.</summary>
    public static IReadOnlyList<Exception> FurtherFailuresOf(Exception failure) => FurtherFailures.Of(failure);

    /// <summary>Spawns a coroutine; its first step runs in the next turn.</summary>
    /// <param name="body">The work. In a group that is cancelled it still starts, and its first wait throws.</param>
    /// <param name="name">Its name in the tree and in messages; null numbers it.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <remarks>Not a checkpoint.</remarks>
    /// <exception cref="InvalidOperationException">The group was left, or this isn't its loop's thread.</exception>
    public Coroutine Spawn(
        Func<Task> body, string? name = null, [CallerFilePath] string? file = null, [CallerLineNumber] int line = 0)
    {
        Coroutine child = Adopt(body, name, file, line);
        child.Schedule();
        return child;
    }

    /// <summary>Spawns a coroutine and runs its first step at once, inside this call.</summary>
    /// <inheritdoc cref="Spawn(Func{Task}, string?, string?, int)"/>
    public Coroutine SpawnNow(
        Func<Task> body, string? name = null, [CallerFilePath] string? file = null, [CallerLineNumber] int line = 0)
    {
        Coroutine child = Adopt(body, name, file, line);
        child.StartNow();
        return child;
    }

    /// <summary>Spawns a coroutine that ends with a value; its first step runs in the next turn.</summary>
    /// <inheritdoc cref="Spawn(Func{Task}, string?, string?, int)"/>
    public Coroutine<T> Spawn<T>(
        Func<Task<T>> body, string? name = null, [CallerFilePath] string? file = null, [CallerLineNumber] int line = 0)
    {
        VerifyOpen(body);
        Count++;
        var child = new Coroutine<T>(_context, this, body, name, file, line);
        child.Schedule();
        return child;
    }

    /// <summary>Cancels the body and all children, without an error: the group ends quietly once they have.</summary>
    /// <param name="reason">Why, for messages.</param>
    /// <exception cref="InvalidOperationException">This isn't the group's loop's thread.</exception>
    public void Cancel(string? reason = null)
    {
        _loop.VerifyAccess(this);
        _context.Cancel(reason);
    }

    /// <inheritdoc/>
    public override string ToString() => $"A task group of {_outer.Node?.Name ?? $"loop '{_loop.Name}'"} with {Count} running children";

    void ICoroutineOwner.OnChildEnded(Coroutine child, Exception? failure)
    {
        Count--;
        if (failure is not null)
        {
            RecordFailure(failure, child.Name);
        }

        if (Count == 0)
        {
            _childrenWait.WakeIfParked();
        }
    }

    void IScopeOwner.OnUnobservedFailure(Exception failure)
    {
        if (_closed)
        {
            _outer.Fail(failure);
            return;
        }

        RecordFailure(failure, "a callback");
    }

    private Coroutine Adopt(Func<Task> body, string? name, string? file, int line)
    {
        VerifyOpen(body);
        Count++;
        return new Coroutine(_context, this, body, name, file, line);
    }

    private void VerifyOpen(Delegate body)
    {
        ArgumentNullException.ThrowIfNull(body);
        _loop.VerifyAccess(this);
        if (_closed)
        {
            throw new InvalidOperationException("The task group was left; spawn only while its body or a child of it runs.");
        }
    }

    private void RecordFailure(Exception failure, string who)
    {
        (_failures ??= []).Add(failure);
        _context.Cancel($"{who} failed: {failure.Message}");
    }

    private async Task EnterAsync(Func<TaskGroup, Task> body)
    {
        bool hadNoContext = SynchronizationContext.Current is null;

        // Behind a ConfigureAwait(false) there is no context here, and these awaits would leave the loop for the pool.
        SynchronizationContext.SetSynchronizationContext(_outer);
        OperationCanceledException? cancellation = null;
        try
        {
            await Start(body);
        }
        catch (OperationCanceledException thrown)
        {
            // The body's own end by a foreign token must show; one that this group's cancellation caused is swallowed below.
            cancellation = _context.IsCancelRequested ? null : thrown;
            _context.Cancel("the body of the group was cancelled");
        }
#pragma warning disable CA1031 // Rethrown below, once the children have ended.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            RecordFailure(failure, "the body of the group");
        }

        while (Count > 0)
        {
            await WaitForChildren();
        }

        _closed = true;
        _context.Leave();
        if (hadNoContext)
        {
            SynchronizationContext.SetSynchronizationContext(null);
        }

        ThrowOutcome(cancellation);
    }

    private void ThrowOutcome(OperationCanceledException? cancellation)
    {
        if (_failures is { } failures)
        {
            FurtherFailures.Attach(failures[0], failures);
            ExceptionDispatchInfo.Throw(failures[0]);
        }

        if (_outer.IsCancelled)
        {
            throw cancellation ?? _outer.CreateCancellation();
        }

        if (cancellation is not null)
        {
            ExceptionDispatchInfo.Throw(cancellation);
        }
    }

    private Task Start(Func<TaskGroup, Task> body)
    {
        using ContextSwitch inside = ContextSwitch.Into(_context);
        return body(this) ?? throw new InvalidOperationException("The body of a group returned null instead of a task.");
    }

    private ValueTask WaitForChildren()
    {
        using ContextSwitch inside = ContextSwitch.Into(_context);
        return _childrenWait.ParkAsync(this);
    }
}
