using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Gyre.Coroutines;
using Gyre.Diagnostics;
using Gyre.Loop;
using Gyre.Scopes;

namespace Gyre;

/// <summary>
/// Owns the coroutines that are spawned into it: leaving the group waits for all of them, and one failure cancels the others.
/// </summary>
/// <remarks>Members are used on the loop's thread, while the group is open.</remarks>
[DebuggerDisplay("{_count} running, cancel requested = {_context.IsCancelRequested}")]
public sealed partial class TaskGroup : ICoroutineOwner, IScopeOwner
{
    private readonly TaskGroupOptions _options;
    private readonly EventLoop _loop;
    private readonly ScopeContext _outer;
    private readonly ScopeContext _context;
    private readonly ChildrenWait _childrenWait;
    private Exception? _failure;
    private bool _cutShort;
    private bool _closed;
    private int _count;

    private TaskGroup(EventLoop loop, TaskGroupOptions options)
    {
        _options = options;
        _loop = loop;
        _outer = ScopeContext.Resolve(loop);
        _context = new ScopeContext(loop, _outer.Node, _outer, this);
        _childrenWait = new ChildrenWait(loop);
    }

    /// <summary>Children that have not ended.</summary>
    /// <exception cref="InvalidOperationException">This isn't the group's loop's thread.</exception>
    public int Count
    {
        get
        {
            _loop.VerifyAccess(this);
            return _count;
        }
    }

    /// <summary>Whether <see cref="Cancel"/> was called, or a child or the body failed.</summary>
    /// <inheritdoc cref="Count" path="/exception"/>
    public bool IsCancelRequested
    {
        get
        {
            _loop.VerifyAccess(this);
            return _context.IsCancelRequested;
        }
    }

    /// <summary>A token that is cancelled with the group, for APIs that take one.</summary>
    /// <exception cref="InvalidOperationException">This isn't the group's loop's thread; hand the token itself to other
    /// threads.</exception>
    public CancellationToken Token
    {
        get
        {
            _loop.VerifyAccess(this);
            return _context.Token;
        }
    }

    /// <summary>Runs <paramref name="body"/> with a new group, then waits for every child.</summary>
    /// <param name="body">Spawns into the group, and may wait itself.</param>
    /// <param name="options">How failures are thrown; null for the defaults.</param>
    /// <exception cref="Exception">
    /// The first failure of the body or a child, as itself; <see cref="FurtherFailuresOf"/> gives the others.
    /// </exception>
    /// <exception cref="AggregateException">There were failures, and <see cref="TaskGroupOptions.AlwaysAggregate"/> is set.</exception>
    /// <exception cref="OperationCanceledException">A scope around the group was cancelled.</exception>
    public static Task RunAsync(Func<TaskGroup, Task> body, TaskGroupOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        return new TaskGroup(EventLoop.Current, options ?? TaskGroupOptions.Default).EnterAsync(body);
    }

    /// <summary>
    /// The failures that happened beside <paramref name="failure"/> when a group rethrew it, oldest first; empty when it was
    /// alone.
    /// </summary>
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
        child.Run.Schedule();
        return child;
    }

    /// <summary>Spawns a coroutine and runs its first step at once, inside this call.</summary>
    /// <inheritdoc cref="Spawn(Func{Task}, string?, string?, int)"/>
    public Coroutine SpawnNow(
        Func<Task> body, string? name = null, [CallerFilePath] string? file = null, [CallerLineNumber] int line = 0)
    {
        Coroutine child = Adopt(body, name, file, line);
        child.Run.StartNow();
        return child;
    }

    /// <summary>Spawns a coroutine that ends with a value; its first step runs in the next turn.</summary>
    /// <inheritdoc cref="Spawn(Func{Task}, string?, string?, int)"/>
    public Coroutine<T> Spawn<T>(
        Func<Task<T>> body, string? name = null, [CallerFilePath] string? file = null, [CallerLineNumber] int line = 0)
    {
        Coroutine<T> child = Adopt(body, name, file, line);
        child.Run.Schedule();
        return child;
    }

    /// <summary>Spawns a coroutine that ends with a value, and runs its first step at once, inside this call.</summary>
    /// <inheritdoc cref="Spawn(Func{Task}, string?, string?, int)"/>
    public Coroutine<T> SpawnNow<T>(
        Func<Task<T>> body, string? name = null, [CallerFilePath] string? file = null, [CallerLineNumber] int line = 0)
    {
        Coroutine<T> child = Adopt(body, name, file, line);
        child.Run.StartNow();
        return child;
    }

    /// <summary>
    /// Cancels the body and all children, without an error: the group ends quietly once they have. Has no effect after it was
    /// left.
    /// </summary>
    /// <param name="reason">Why, for messages.</param>
    /// <exception cref="InvalidOperationException">This isn't the group's loop's thread.</exception>
    public void Cancel(string? reason = null)
    {
        _loop.VerifyAccess(this);
        if (!_closed)
        {
            _context.Cancel(reason);
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string children = _count == 1 ? "1 running child" : $"{_count} running children";
        return $"A task group of {_outer.Node?.Name ?? $"loop '{_loop.Name}'"} with {children}";
    }

    ScopeKind IScopeOwner.Kind => ScopeKind.Group;

    void ICoroutineOwner.OnChildEnded(CoroutineRun child, Exception? failure)
    {
        _count--;
        _cutShort |= child.State == CoroutineState.Cancelled;
        if (failure is not null)
        {
            RecordFailure(failure, child.Name);
        }

        if (_count == 0)
        {
            _drained?.TrySetResult();
            _drained = null;
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
        _count++;
        return new Coroutine(_context, this, body, name, file, line);
    }

    private Coroutine<T> Adopt<T>(Func<Task<T>> body, string? name, string? file, int line)
    {
        VerifyOpen(body);
        _count++;
        return new Coroutine<T>(_context, this, body, name, file, line);
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
        _failure = FurtherFailures.Add(_failure, failure);
        _context.Cancel($"{who} failed: {failure.Message}");
    }

    private async Task EnterAsync(Func<TaskGroup, Task> body)
    {
        _outer.Enter();
        await Start(body);
        do
        {
            while (_count > 0)
            {
                await WaitForChildren();
            }

            // Whoever is told of the cancellation that this brings may spawn once more.
            _context.ReportLostFailures();
        }
        while (_count > 0);

        _closed = true;
        _context.Leave();
        _outer.Exit();
        if (_failure is { } failure)
        {
            ThrowFailure(failure);
        }

        // What the group did is whole unless a cancellation cut some of it short; one from outside goes on outwards.
        if (_cutShort && _outer.IsCancelled)
        {
            throw _outer.CreateCancellation();
        }
    }

    private void ThrowFailure(Exception failure)
    {
        if (_options.AlwaysAggregate)
        {
            throw new AggregateException("A task group failed.", [failure, .. FurtherFailures.Of(failure)]);
        }

        ExceptionDispatchInfo.Throw(failure);
    }

    private Task Start(Func<TaskGroup, Task> body)
    {
        using ContextSwitch inside = ContextSwitch.Into(_context);
        return RunBodyAsync(body);
    }

    /// <summary>In the group's own context, so that the body's failure counts from when it happened, before those it brings about.</summary>
    private async Task RunBodyAsync(Func<TaskGroup, Task> body)
    {
        try
        {
            await (body(this) ?? throw new InvalidOperationException("The body of a group returned null instead of a task."));
        }
        catch (Exception end) when (_context.IsEndByCancellation(end))
        {
            _cutShort = true;
            _context.Cancel("the body of the group was cancelled");
        }
#pragma warning disable CA1031 // Rethrown once the children have ended.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            RecordFailure(thrown, "the body of the group");
        }
    }

    private ValueTask WaitForChildren()
    {
        using ContextSwitch inside = ContextSwitch.Into(_context);
        return _childrenWait.ParkAsync(this);
    }
}
