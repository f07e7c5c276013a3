using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Gyre.Loop;

/// <summary>Follows what completes when a continuation runs, to see whether a blocked <c>Task.Wait</c> is at the end of it.</summary>
/// <remarks>
/// A chain tells what ends the event, not whose wait it is: see <see cref="OwnWait"/>. It reads private fields of <see
/// cref="Task"/> and of the BCL's continuation objects, for diagnosis only: where a later runtime has other fields, or
/// trimming removed them, fewer chains are found and nothing else changes.
/// </remarks>
internal static class TaskChain
{
    /// <summary>Objects followed in one search; what is beyond is looked for in vain, rather than for seconds.</summary>
    private const int StepsMax = 200_000;

    /// <summary>The BCL's names for the events that blocked <c>Task.Wait</c> and <c>Task.WaitAll</c> leave as continuations.</summary>
    private static readonly string[] s_blockedWaitEvents = ["SetOnInvokeMres", "SetOnCountdownMres"];

    /// <summary>
    /// The BCL's names for promises that more than one task, token or timer completes: of WhenAny, and of WaitAsync.
    /// </summary>
    private static readonly string[] s_promisesOfMany = ["CompleteOnInvokePromise", "TwoTaskWhenAnyPromise", "CancellationPromise"];

    /// <summary>Which chains count.</summary>
    public enum Strictness
    {
        /// <summary>Those whose every link can only be completed by the one before.</summary>
        Certain,

        /// <summary>Also those through promises that something else may complete earlier.</summary>
        Likely,
    }

    /// <summary>The events of blocked waits for tasks that running <paramref name="continuations"/> may in the end set.</summary>
    public static List<object> BlockedWaits(IEnumerable<object> continuations, Strictness strictness)
    {
        var found = new List<object>();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var open = new Stack<object>(continuations);
        while (open.TryPop(out object? link) && seen.Count < StepsMax)
        {
            string name = link.GetType().Name;
            bool ofMany = s_promisesOfMany.Any(promise => name.StartsWith(promise, StringComparison.Ordinal));
            if (!seen.Add(link) || (ofMany && strictness == Strictness.Certain))
            {
                continue;
            }

            if (s_blockedWaitEvents.Contains(name))
            {
                found.Add(link);
            }
            else
            {
                PushNext(link, open);
            }
        }

        return found;
    }

    /// <summary>What runs when <paramref name="task"/> completes: tasks and delegates, out of the BCL's wrappers.</summary>
    public static List<object> After(Task task)
    {
        var after = new List<object>();
        var open = new Stack<object>();
        Push(ContinuationOf(task), open);
        while (open.TryPop(out object? link))
        {
            if (link is Task or Delegate)
            {
                after.Add(link);
            }
            else
            {
                PushNext(link, open);
            }
        }

        return after;
    }

    private static void PushNext(object link, Stack<object> open)
    {
        switch (link)
        {
            case Task task:
                Push(ContinuationOf(task), open);
                break;
            case Delegate { Target: { } target }:
                open.Push(target);
                break;
            case PostedCallback posted:
                Push(posted.State, open);
                break;
            case LoopTimer { IsDelay: true, State: { } delay }:
                open.Push(delay);
                break;
            case List<object?> list when Monitor.TryEnter(list):
                // Other threads add continuations to it, under its own lock. Is one about to, the next look will do.
                try
                {
                    list.ForEach(item => Push(item, open));
                }
                finally
                {
                    Monitor.Exit(list);
                }

                break;
            default:
                PushFields(link, open);
                break;
        }
    }

    private static void Push(object? link, Stack<object> open)
    {
        if (link is not null)
        {
            open.Push(link);
        }
    }

    /// <summary>
    /// The BCL wraps continuations in objects of its own, each with a field for the action, the task or the next wrapper.
    /// </summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Diagnosis: with fields trimmed away, fewer chains are found.")]
    private static void PushFields(object link, Stack<object> open)
    {
        Type? type = link.GetType();
        if (type.Assembly != typeof(Task).Assembly)
        {
            return;
        }

        for (; type is not null && type != typeof(object); type = type.BaseType)
        {
            foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (field.FieldType.IsAssignableTo(typeof(Delegate)) || field.FieldType.IsAssignableTo(typeof(Task)))
                {
                    Push(field.GetValue(link), open);
                }
            }
        }
    }

    private static object? ContinuationOf(Task task)
    {
        try
        {
            return Continuation(task);
        }
        catch (MissingFieldException)
        {
            // A runtime whose tasks keep continuations elsewhere; see the remarks.
            return null;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "m_continuationObject")]
    private static extern ref object? Continuation(Task task);
}
