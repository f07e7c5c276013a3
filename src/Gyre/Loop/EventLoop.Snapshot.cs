using Gyre.Diagnostics;
using Gyre.Loop;

namespace Gyre;

public sealed partial class EventLoop
{
    /// <summary>
    /// The tree of scopes and coroutines of all styles, each with its state, where it was spawned, how old it is and what it
    /// waits for; prints as an indented tree. Loop thread; from another one use <see cref="EventLoopInvoke"/> or
    /// <see cref="PostFromAnyThread"/>. Not a checkpoint. Costs time and memory in proportion to the tree.
    /// </summary>
    /// <exception cref="InvalidOperationException">The calling code isn't run by this loop.</exception>
    public ScopeSnapshot Snapshot()
    {
        VerifyAccess(this);
        var ready = new List<ReadyItem>();
        _ready.CollectItems(ready);
        var readyNodes = new HashSet<CoroutineNode>();
        foreach (ReadyItem item in ready)
        {
            if (item.Context.Node is { } node)
            {
                readyNodes.Add(node);
            }
        }

        CoroutineNode? running = ScopeContext.Resolve(this).Node;
        return _root.Snapshot(node => node == running ? "runs" : readyNodes.Contains(node) ? "is ready" : "awaits a foreign task");
    }
}
