using Gyre.Diagnostics;
using Gyre.Time;

namespace Gyre.Loop;

/// <summary>The scope as diagnosis shows it.</summary>
internal sealed partial class ScopeContext
{
    /// <summary>What opened the scope.</summary>
    private ScopeKind Kind => _owner?.Kind ?? ScopeKind.Loop;

    /// <summary>
    /// When waits here end at the latest, by the deadlines of this scope and those around it, up to a shield; in nanoseconds,
    /// or <see cref="Deadline.Never"/>.
    /// </summary>
    public long EffectiveDeadline()
    {
        long earliest = Deadline.Never;
        for (ScopeContext? context = this; context is not null; context = context.IsShielded ? null : context.Parent)
        {
            earliest = Math.Min(earliest, context._owner?.Deadline ?? Deadline.Never);
        }

        return earliest;
    }

    /// <summary>This scope and all inside it, without recursion: they nest deeper than a thread's stack is.</summary>
    /// <param name="activity">What a coroutine does that waits for nothing of Gyre's.</param>
    public ScopeSnapshot Snapshot(Func<CoroutineNode, string> activity)
    {
        var order = new List<(ScopeContext Scope, int Parent)> { (this, -1) };
        for (int i = 0; i < order.Count; i++)
        {
            for (ScopeContext? child = order[i].Scope._firstChild; child is not null; child = child._next)
            {
                order.Add((child, i));
            }
        }

        // From the innermost outwards, so that the children of each are there when its turn comes; the list has the youngest first.
        var children = new List<ScopeSnapshot>?[order.Count];
        for (int i = order.Count - 1; i > 0; i--)
        {
            ScopeSnapshot made = order[i].Scope.SnapshotOfThis(children[i], activity);
            (children[order[i].Parent] ??= []).Add(made);
            children[i] = null;
        }

        return SnapshotOfThis(children[0], activity);
    }

    /// <summary>What the flows of this scope, and of the same coroutine's scopes inside it, wait for.</summary>
    public void CollectWaits(ICollection<WaitDescription> waits)
    {
        // The flows that a coroutine left behind are looked after by the scope around it.
        foreach (ScopeContext scope in ThisAndInside(static (around, inside) => inside.Node == around.Node || inside.Node is { IsCompleted: true }))
        {
            scope.AddWaitsTo(waits);
        }
    }

    /// <summary>What all flows in this scope and the scopes inside it wait for, whatever coroutine they belong to.</summary>
    public void CollectAllWaits(ICollection<WaitDescription> waits)
    {
        foreach (ScopeContext scope in ThisAndInside(static (_, _) => true))
        {
            scope.AddWaitsTo(waits);
        }
    }

    /// <summary>The waits in this scope and the scopes inside it, each with the coroutine whose flow waits.</summary>
    public void CollectParked(ICollection<(ParkedWait Wait, CoroutineNode? Waiter)> parked)
    {
        foreach (ScopeContext scope in ThisAndInside(static (_, _) => true))
        {
            for (ParkedWait? wait = scope._firstWait; wait is not null; wait = wait.NextInScope)
            {
                parked.Add((wait, scope.Node));
            }
        }
    }

    private void AddWaitsTo(ICollection<WaitDescription> waits)
    {
        for (ParkedWait? wait = _firstWait; wait is not null; wait = wait.NextInScope)
        {
            waits.Add(wait.Description);
        }
    }

    /// <summary>This scope and those inside it that <paramref name="enters"/> lets in, outer ones first, the youngest of siblings first.</summary>
    private IEnumerable<ScopeContext> ThisAndInside(Func<ScopeContext, ScopeContext, bool> enters)
    {
        var open = new Stack<ScopeContext>([this]);
        var children = new Stack<ScopeContext>();
        while (open.TryPop(out ScopeContext? scope))
        {
            yield return scope;
            scope.PushChildren(children);
            while (children.TryPop(out ScopeContext? child))
            {
                if (enters(scope, child))
                {
                    open.Push(child);
                }
            }
        }
    }

    private ScopeSnapshot SnapshotOfThis(List<ScopeSnapshot>? children, Func<CoroutineNode, string> activity)
    {
        CoroutineNode? coroutine = Kind == ScopeKind.Coroutine ? Node : null;
        List<WaitSnapshot> waits = SnapshotOfWaits();
        var flows = new List<WaitDescription>();
        coroutine?.CollectWaits(flows);
        long deadline = _owner?.Deadline ?? Deadline.Never;
        return new ScopeSnapshot
        {
            Kind = Kind,
            Name = Kind == ScopeKind.Loop ? Loop.Name : coroutine?.Name,
            State = coroutine?.State,
            SpawnFile = coroutine?.SpawnFile,
            SpawnLine = coroutine?.SpawnLine ?? 0,
            Age = coroutine is null ? null : Deadline.ToTimeSpan(Math.Max(0, Loop.Now - coroutine.BornAt)),
            Deadline = deadline == Deadline.Never ? null : Deadline.ToTimeSpan(deadline - Loop.Epoch),
            IsShielded = IsShielded,
            IsCancelled = IsCancelled,
            Reason = Reason,
            Waits = waits,
            Activity = coroutine is { IsCompleted: false } && flows.Count == 0 ? activity(coroutine) : null,
            Children = children is null ? [] : children,
        };
    }

    private List<WaitSnapshot> SnapshotOfWaits()
    {
        var waits = new List<WaitSnapshot>();
        for (ParkedWait? wait = _firstWait; wait is not null; wait = wait.NextInScope)
        {
            WaitDescription description = wait.Description;
            waits.Add(new WaitSnapshot(description.Kind, description.Subject?.ToString()));
        }

        waits.Reverse();
        return waits;
    }
}
