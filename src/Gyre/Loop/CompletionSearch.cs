using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Gyre.Loop;

/// <summary>
/// Finds what waiting work has the power to end: the tasks whose <see cref="TaskCompletionSource"/>, cancellation source or
/// timer its code can reach, and the semaphores and events that it can reach itself.
/// </summary>
/// <remarks>
/// <para>Followed is what C# makes of code that waits to be run: delegates and their targets, closures, the state machines of
/// async methods and what runs after them. Of an object whose method is about to run only the sources and signals that it
/// holds itself are looked at: beyond lies the whole program, where reaching something says little about who will use it. A task that is
/// merely referenced doesn't count either, for who holds a task can't complete it.</para>
/// <para>It reads fields by reflection, for diagnosis only: what trimming removed isn't followed, and nothing else changes.</para>
/// </remarks>
internal sealed class CompletionSearch
{
    /// <summary>Steps from the work to the source. A state machine, its closure and two closures around that are four.</summary>
    private const int DepthMax = 8;

    /// <summary>Objects looked at; reading their fields takes some tens of milliseconds then, while the loop stands still anyway.</summary>
    private const int ObjectsMax = 20_000;

    /// <summary>Elements of one captured array or list.</summary>
    private const int ElementsMax = 1000;

    private const BindingFlags OwnFields =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>What of the BCL merely holds what somebody put together.</summary>
    private static readonly string[] s_holders =
    [
        "System.ValueTuple`",
        "System.Tuple`",
        "System.Runtime.CompilerServices.StrongBox`1",
        "System.Collections.Generic.List`1",
    ];

    /// <summary>What of the BCL leads from a timer or a cancellation source to the promises that it completes.</summary>
    private static readonly string[] s_completers =
    [
        "System.Threading.CancellationTokenSource",
        "System.Threading.PeriodicTimer",
        "System.Threading.Tasks.Sources.ManualResetValueTaskSourceCore`1",
    ];

    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<(object Item, int Depth)> _open = new();
    private readonly List<Task> _tasks = [];
    private readonly List<object> _signals = [];

    private CompletionSearch()
    {
    }

    /// <summary>The tasks, semaphores and events that <paramref name="work"/> may end when it runs, as far as can be seen.</summary>
    public static (List<Task> Tasks, List<object> Signals) WithinReachOf(IEnumerable<object> work)
    {
        var search = new CompletionSearch();
        foreach (object item in work)
        {
            search.Add(item, 0);
        }

        while (search._open.TryDequeue(out (object Item, int Depth) next))
        {
            search.Follow(next.Item, next.Depth + 1);
        }

        return (search._tasks, search._signals);
    }

    private void Add(object? item, int depth)
    {
        if (item is not null && depth <= DepthMax && _seen.Count < ObjectsMax && _seen.Add(item))
        {
            _open.Enqueue((item, depth));
        }
    }

    private void Follow(object item, int depth)
    {
        switch (item)
        {
            case Delegate callback:
                foreach (Delegate one in callback.GetInvocationList())
                {
                    Add(one.Target, depth);
                }

                break;
            case Task task:
                FollowTask(task, depth);
                break;
            case FlowedCallback flowed:
                Add(flowed.Callback, depth);
                break;
            case PostedCallback posted:
                Add(posted.Callback, depth);
                Add(posted.State, depth);
                break;
            case LoopTimer timer:
                Add(timer.Callback, depth);
                AddStateOf(timer, depth);
                break;
            case TimerHandle.CallbackTimer timer:
                Add(timer.Callback, depth);
                break;
            case IWaitingBody coroutine:
                Add(coroutine.WaitingBody, depth);
                break;
            case Array array:
                FollowElements(array, depth);
                break;
            default:
                FollowObject(item, depth);
                break;
        }
    }

    /// <summary>A task that comes up here is about to run or to be completed: so is what waits for it.</summary>
    private void FollowTask(Task task, int depth)
    {
        _tasks.Add(task);
        foreach (object next in TaskChain.After(task))
        {
            // As deep as the task: a chain of awaits is no detour.
            Add(next, depth - 1);
        }

        FollowStateMachine(task, depth);
    }

    private void FollowElements(Array array, int depth)
    {
        if (array is not object[] elements)
        {
            return;
        }

        for (int i = 0; i < Math.Min(elements.Length, ElementsMax); i++)
        {
            AddHeld(elements[i], depth);
        }
    }

    private void FollowObject(object item, int depth)
    {
        Type type = item.GetType();
        if (PromiseFacts.TaskOfSource(item) is { } task)
        {
            _tasks.Add(task);
        }
        else if (OwnWait.IsSignal(item))
        {
            _signals.Add(item);
        }
        else if (IsNamed(type, s_completers))
        {
            FollowCompleter(item, depth);
        }
        else if (type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) || IsNamed(type, s_holders))
        {
            ReadFields(item, value => AddHeld(value, depth));
        }
        else if (PromiseFacts.IsOfBcl(type))
        {
            FollowStateMachine(item, depth);
        }
        else
        {
            ReadFields(item, value => AddSource(value, depth));
        }
    }

    private void FollowStateMachine(object box, int depth)
    {
        if (PromiseFacts.StateMachineOf(box) is { } machine)
        {
            ReadFields(machine, value => AddHeld(value, depth));
        }
    }

    /// <summary>
    /// Timers and tokens mostly bound a wait whose end comes from elsewhere, so what they call isn't followed in general:
    /// only what they alone complete.
    /// </summary>
    private void FollowCompleter(object completer, int depth)
    {
        if (completer is CancellationTokenSource && PromiseFacts.HasForeignTimer(completer))
        {
            return;
        }

        ReadFields(completer, value =>
        {
            // Registrations form a list, whose length is no depth.
            if (PromiseFacts.IsCompletedByItsHolder(value) ? !PromiseFacts.HasForeignTimer(value) : IsNamed(value.GetType(), s_completers))
            {
                Add(value, depth - 1);
            }
        });
    }

    private void AddStateOf(LoopTimer timer, int depth)
    {
        if (timer.State is not Task || PromiseFacts.IsCompletedByItsHolder(timer.State))
        {
            Add(timer.State, depth);
        }
    }

    /// <summary>Who merely holds a task can't complete it.</summary>
    private void AddHeld(object? value, int depth)
    {
        if (value is not Task)
        {
            Add(value, depth);
        }
    }

    private void AddSource(object value, int depth)
    {
        if (OwnWait.IsSignal(value) || PromiseFacts.TaskOfSource(value) is not null)
        {
            Add(value, depth);
        }
    }

    private static bool IsNamed(Type type, string[] prefixes) =>
        PromiseFacts.IsOfBcl(type) && type.FullName is { } name && prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Diagnosis: with fields trimmed away, less is found.")]
    private static void ReadFields(object holder, Action<object> read)
    {
        for (Type? type = holder.GetType(); type is not null && type != typeof(object); type = type.BaseType)
        {
            foreach (FieldInfo field in type.GetFields(OwnFields))
            {
                bool mayLead = !field.FieldType.IsPrimitive && !field.FieldType.IsEnum && !field.FieldType.IsPointer;
                if (mayLead && field.GetValue(holder) is { } value)
                {
                    read(value);
                }
            }
        }
    }
}
