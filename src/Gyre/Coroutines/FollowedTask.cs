using System.Diagnostics;
using System.Runtime.CompilerServices;
using Gyre.Loop;

namespace Gyre.Coroutines;

/// <summary>A foreign task that flows of one loop wait for so that they can leave it.</summary>
/// <remarks>
/// A task keeps what was registered with it until it ends. So it is given one continuation for each loop, whoever waits and leaves and
/// comes again: flows wait for a future of the loop, which they can leave without a trace. What stays of those who left is the
/// scope that answers for a failure that comes later.
/// </remarks>
[DebuggerDisplay("{_task.Status}, abandoned by {_abandoners.Count}")]
internal sealed class FollowedTask
{
    private readonly Task _task;
    private readonly HashSet<ScopeContext> _abandoners = [];
    private int _collapseAt = 8;

    private FollowedTask(EventLoop loop, Task task)
    {
        _task = task;
        Future = new Future(loop.Root, "a foreign task");

        // Those who wait see the failure, those who left are told by their scopes; nobody else answers for it.
        Future.KeepUnless(isSeen: true);
        FutureConversions.Follow(task, Future, (task, future) =>
        {
            ForeignOutcome.Settle(task, future);
            ReportFailure();
        });
    }

    /// <summary>Settles as the task does.</summary>
    public Future Future { get; }

    /// <summary>The one of <paramref name="task"/> on <paramref name="loop"/>. Loop thread.</summary>
    public static FollowedTask Of(EventLoop loop, Task task)
    {
        var followed = (ConditionalWeakTable<Task, FollowedTask>)(loop.FollowedTasks ??= new ConditionalWeakTable<Task, FollowedTask>());
        return followed.GetValue(task, task => new FollowedTask(loop, task));
    }

    /// <summary>A flow of <paramref name="scope"/> left before the task had ended.</summary>
    public void OnAbandoned(ScopeContext scope)
    {
        _abandoners.Add(scope);
        if (_abandoners.Count >= _collapseAt)
        {
            Collapse();
            _collapseAt = Math.Max(8, _abandoners.Count * 2);
        }
    }

    /// <summary>Scopes that were left have handed their part on to the one around; so the set is no larger than the tree is.</summary>
    private void Collapse()
    {
        ScopeContext[] all = [.. _abandoners];
        _abandoners.Clear();
        foreach (ScopeContext scope in all)
        {
            _abandoners.Add(NearestOpen(scope));
        }
    }

    private void ReportFailure()
    {
        if (Future.Thrown is not { } failure || Future.State != FutureState.Failed)
        {
            return;
        }

        Collapse();
        foreach (ScopeContext scope in _abandoners)
        {
            scope.KeepUntilClosed(new LateFailure(failure));
        }
    }

    private static ScopeContext NearestOpen(ScopeContext scope)
    {
        while (scope is { IsLeft: true, Parent: { } parent })
        {
            scope = parent;
        }

        return scope;
    }

    /// <summary>Nobody is left who could see it, so the scope is told when it closes.</summary>
    private sealed class LateFailure(Exception failure) : ILostFailure
    {
        public Exception? Unseen => failure;
    }
}
