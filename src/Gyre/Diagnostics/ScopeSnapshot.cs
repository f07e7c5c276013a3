using System.Globalization;
using System.Text;

namespace Gyre.Diagnostics;

/// <summary>One scope as it was at one moment, with what its flows waited for and the scopes inside it. Any thread.</summary>
/// <remarks>It holds texts and numbers alone: neither keeps anything alive nor changes. Made by <c>EventLoop.Snapshot()</c>.</remarks>
public sealed record ScopeSnapshot
{
    /// <summary>Levels that are shown by indentation; of deeper ones the number is printed, or a text would grow with the square of the depth.</summary>
    private const int IndentationMax = 60;

    /// <summary>What opened it.</summary>
    public required ScopeKind Kind { get; init; }

    /// <summary>The name of the loop or the coroutine; null for groups and cancel scopes.</summary>
    public string? Name { get; init; }

    /// <summary>Where the coroutine was in its life; null for what isn't one.</summary>
    public CoroutineState? State { get; init; }

    /// <summary>Source file of the spawning call; null when unknown, and for what isn't a coroutine.</summary>
    public string? SpawnFile { get; init; }

    /// <summary>Source line of the spawning call; 0 when unknown.</summary>
    public int SpawnLine { get; init; }

    /// <summary>How long ago the coroutine was spawned, to within one wait of the loop; null for what isn't one.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>When the scope cancels itself, on the clock of <c>EventLoop.Time</c>; null for never.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>Whether cancellation from outside was kept out.</summary>
    public bool IsShielded { get; init; }

    /// <summary>Whether waits inside threw.</summary>
    public bool IsCancelled { get; init; }

    /// <summary>Why this scope itself was cancelled; null when it wasn't, or no reason was given.</summary>
    public string? Reason { get; init; }

    /// <summary>What the flows of this very scope waited for, the oldest wait first.</summary>
    public IReadOnlyList<WaitSnapshot> Waits { get; init; } = [];

    /// <summary>What a coroutine did that waited for nothing of Gyre's; null when it did, and for what isn't a coroutine.</summary>
    public string? Activity { get; init; }

    /// <summary>The scopes inside it, the oldest first.</summary>
    public IReadOnlyList<ScopeSnapshot> Children { get; init; } = [];

    /// <summary>This scope and all inside it, outer ones first.</summary>
    public IEnumerable<ScopeSnapshot> All()
    {
        // A stack of its own: scopes nest deeper than a thread's stack is.
        var left = new Stack<ScopeSnapshot>([this]);
        while (left.TryPop(out ScopeSnapshot? scope))
        {
            yield return scope;
            for (int i = scope.Children.Count - 1; i >= 0; i--)
            {
                left.Push(scope.Children[i]);
            }
        }
    }

    /// <summary>The tree as indented lines, one for each scope.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var left = new Stack<(ScopeSnapshot Scope, int Depth)>([(this, 0)]);
        while (left.TryPop(out (ScopeSnapshot Scope, int Depth) next))
        {
            text.Append(' ', Math.Min(next.Depth, IndentationMax) * 2);
            if (next.Depth > IndentationMax)
            {
                text.Append(CultureInfo.InvariantCulture, $"[{next.Depth}] ");
            }

            text.AppendLine(next.Scope.Line());
            for (int i = next.Scope.Children.Count - 1; i >= 0; i--)
            {
                left.Push((next.Scope.Children[i], next.Depth + 1));
            }
        }

        return text.ToString();
    }

    private string Line()
    {
        var text = new StringBuilder(Kind switch
        {
            ScopeKind.Loop => $"loop {Name}",
            ScopeKind.Coroutine => Name,
            ScopeKind.Group => "group",
            _ => "scope",
        });
        if (SpawnFile is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $" ({Path.GetFileName(SpawnFile)}:{SpawnLine})");
        }

        if (State is { } state)
        {
            text.Append(CultureInfo.InvariantCulture, $": {state}");
        }

        if (Age is { } age)
        {
            text.Append(CultureInfo.InvariantCulture, $", {age.TotalSeconds:F3} s old");
        }

        if (Deadline is { } deadline)
        {
            text.Append(CultureInfo.InvariantCulture, $", deadline at {deadline.TotalSeconds:F3} s");
        }

        text.Append(IsShielded ? ", shielded" : "").Append(IsCancelled ? ", cancelled" : "");
        if (Reason is not null)
        {
            text.Append(": ").Append(Reason);
        }

        if (Waits.Count > 0)
        {
            text.Append(", waits for ").AppendJoin(" and ", Waits);
        }
        else if (Activity is not null)
        {
            text.Append(", ").Append(Activity);
        }

        return text.ToString();
    }
}
