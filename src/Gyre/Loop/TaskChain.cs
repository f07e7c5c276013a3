using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Gyre.Loop;

/// <summary>Follows what completes when a continuation runs, to see whether a blocked <c>Task.Wait</c> is at the end of it.</summary>
/// <remarks>
/// It reads private fields of <see cref="Task"/> and of the BCL's continuation objects, for diagnosis only: where a later
/// runtime has other fields, or trimming removed them, fewer chains are found and nothing else changes.
/// </remarks>
internal static class TaskChain
{
    /// <summary>Objects followed from one continuation; chains are as long as await stacks are deep.</summary>
    private const int StepsMax = 10_000;

    /// <summary>The BCL's names for the events that blocked <c>Task.Wait</c> and <c>Task.WaitAll</c> leave as continuations.</summary>
    private static readonly string[] s_blockedWaitEvents = ["SetOnInvokeMres", "SetOnCountdownMres"];

    /// <summary>Whether running <paramref name="continuation"/> may in the end set the event of a blocked wait for a task.</summary>
    public static bool LeadsToBlockedWait(object continuation)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var open = new Stack<object>();
        open.Push(continuation);
        while (open.TryPop(out object? link) && seen.Count < StepsMax)
        {
            if (s_blockedWaitEvents.Contains(link.GetType().Name))
            {
                return true;
            }

            if (seen.Add(link))
            {
                PushNext(link, open);
            }
        }

        return false;
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
            case IList list:
                foreach (object? item in list)
                {
                    Push(item, open);
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
