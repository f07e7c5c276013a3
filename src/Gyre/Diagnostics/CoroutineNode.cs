using System.Diagnostics;

namespace Gyre.Diagnostics;

/// <summary>
/// The node that every coroutine is from birth: its name, its parent, where it was spawned, its state and what it waits
/// for. The links are kept current at the price of a few field writes; nothing is formatted until somebody looks.
/// </summary>
/// <remarks>Read and written on the loop's thread.</remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public abstract class CoroutineNode
{
    private CoroutineNode? _previous;
    private CoroutineNode? _next;
    private CoroutineNode? _firstChild;
    private string? _name;

    private protected CoroutineNode(CoroutineNode? parent, long id, long bornAt, string? name, string? file, int line)
    {
        Parent = parent;
        Id = id;
        BornAt = bornAt;
        _name = name;
        SpawnFile = file;
        SpawnLine = line;
        if (parent is not null)
        {
            _next = parent._firstChild;
            _next?._previous = this;
            parent._firstChild = this;
        }
    }

    /// <summary>Number of this coroutine on its loop, counted from 1 in order of spawning.</summary>
    public long Id { get; }

    /// <summary>The name given at spawn, or <c>coroutine-{Id}</c>.</summary>
    public string Name
    {
        get => _name ??= $"coroutine-{Id}";
        set => _name = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>The coroutine whose group or scope owns this one; null for a loop's main coroutine.</summary>
    public CoroutineNode? Parent { get; private set; }

    /// <summary>Source file of the spawning call; null when unknown.</summary>
    public string? SpawnFile { get; }

    /// <summary>Source line of the spawning call; 0 when unknown.</summary>
    public int SpawnLine { get; }

    /// <summary>Whether its waits throw: it, or a scope around it, was cancelled.</summary>
    public abstract bool IsCancelled { get; }

    /// <summary>When it was spawned, in nanoseconds of the loop's clock, as far as the loop had looked at it by then.</summary>
    internal long BornAt { get; }

    /// <summary>Where the coroutine is in its life.</summary>
    public CoroutineState State { get; private protected set; }

    /// <summary>Whether the body has ended in any way.</summary>
    public bool IsCompleted => State >= CoroutineState.Succeeded;

    /// <summary>The living children, the youngest first.</summary>
    public IEnumerable<CoroutineNode> Children
    {
        get
        {
            for (CoroutineNode? child = _firstChild; child is not null; child = child._next)
            {
                yield return child;
            }
        }
    }

    private string DebuggerText => $"{Name}: {State}{(IsCompleted ? "" : ", waits for " + DescribeWaits())}";

    /// <summary>Cancels the coroutine: its waits end, and each further one throws.</summary>
    /// <param name="reason">Why, for messages.</param>
    /// <returns>False when it has ended already.</returns>
    /// <exception cref="InvalidOperationException">This isn't the coroutine's loop's thread.</exception>
    public abstract bool Cancel(string? reason = null);

    /// <summary>Adds what the flows of this coroutine wait for to <paramref name="waits"/>; one coroutine may hold several flows.</summary>
    public abstract void CollectWaits(ICollection<WaitDescription> waits);

    /// <summary>What the coroutine waits for, as text.</summary>
    public string DescribeWaits()
    {
        var waits = new List<WaitDescription>();
        CollectWaits(waits);
        return waits.Count == 0 ? "nothing of Gyre's (it runs, or awaits a foreign task)" : string.Join(", ", waits);
    }

    /// <summary>Takes the node out of the tree when the coroutine has ended; children left over move to its parent.</summary>
    private protected void LeaveTree()
    {
        while (_firstChild is { } child)
        {
            child.Unlink();
            child.LinkUnder(Parent);
        }

        Unlink();
    }

    private void LinkUnder(CoroutineNode? parent)
    {
        Parent = parent;
        if (parent is not null)
        {
            _next = parent._firstChild;
            _next?._previous = this;
            parent._firstChild = this;
        }
    }

    private void Unlink()
    {
        if (_previous is not null)
        {
            _previous._next = _next;
        }
        else if (Parent?._firstChild == this)
        {
            Parent._firstChild = _next;
        }

        _next?._previous = _previous;
        _previous = null;
        _next = null;
    }
}
