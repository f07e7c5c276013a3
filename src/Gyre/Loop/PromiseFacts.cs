using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Gyre.Loop;

/// <summary>What diagnosis knows of the BCL's own objects that complete tasks, by the names of their types and fields.</summary>
/// <remarks>Where a later runtime has other names, or trimming removed the fields, less is recognised and nothing else changes.</remarks>
internal static class PromiseFacts
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>The task of a <see cref="TaskCompletionSource"/> of either kind or derived from one; null for anything else.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Diagnosis: with the property trimmed away, less is found.")]
    public static Task? TaskOfSource(object candidate)
    {
        if (candidate is TaskCompletionSource source)
        {
            return source.Task;
        }

        for (Type? type = candidate.GetType(); type is not null; type = type.BaseType)
        {
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(TaskCompletionSource<>))
            {
                return type.GetProperty("Task")?.GetValue(candidate) as Task;
            }
        }

        return null;
    }

    /// <summary>The state machine of an async method, taken out of the object that the BCL keeps it in; null for anything else.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Diagnosis: with the field trimmed away, less is found.")]
    public static object? StateMachineOf(object candidate)
    {
        Type type = candidate.GetType();
        return IsOfBcl(type) && type.Name.Contains("StateMachineBox", StringComparison.Ordinal)
            ? type.GetField("StateMachine", Fields)?.GetValue(candidate)
            : null;
    }

    /// <summary>Whether it is the promise of a <c>Task.Delay</c>, or of the task that <c>ValueTask.AsTask</c> makes of a tick.</summary>
    public static bool IsCompletedByItsHolder(object candidate) =>
        candidate is Task && candidate.GetType().Name is var name &&
        (name.StartsWith("DelayPromise", StringComparison.Ordinal) || name == "ValueTaskSourceAsTask");

    /// <summary>Whether a promise or a cancellation source has a timer that isn't a loop's: it ends without this loop.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Diagnosis: with the field trimmed away, it counts as one that does.")]
    public static bool HasForeignTimer(object candidate)
    {
        for (Type? type = candidate.GetType(); type is not null && IsOfBcl(type); type = type.BaseType)
        {
            if (type.GetField("_timer", Fields | BindingFlags.DeclaredOnly) is { } timer)
            {
                return timer.GetValue(candidate) is not (null or LoopTimer);
            }
        }

        // A tick's task has no timer of its own. Of the others a runtime that keeps it elsewhere is assumed to have one.
        return candidate.GetType().Name != "ValueTaskSourceAsTask";
    }

    /// <summary>Whether a type is of the library that tasks are of; what user code may hold of it is another matter.</summary>
    public static bool IsOfBcl(Type type) => type.Assembly == typeof(Task).Assembly;
}
