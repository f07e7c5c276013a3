using System.Runtime.CompilerServices;
using Gyre.Loop;

namespace Gyre.Coroutines;

/// <summary>What futures tell each other: at once, or in the next turn where a chain of them is longer than the thread's stack.</summary>
internal static class Later
{
    public static void Run<T>(EventLoop loop, T state, Action<T> action)
        where T : notnull
    {
        if (RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            action(state);
        }
        else
        {
            Enqueue(loop, state, action);
        }
    }

    /// <summary>Apart, so that the usual way makes no closure.</summary>
    private static void Enqueue<T>(EventLoop loop, T state, Action<T> action)
    {
        var rest = new Action(() => action(state));
        loop.Enqueue(new ReadyItem(static rest => ((Action)rest!)(), rest, loop.Root, RestoreContext: false));
    }
}
