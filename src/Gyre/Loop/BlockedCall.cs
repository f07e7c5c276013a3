using System.Diagnostics;

namespace Gyre.Loop;

/// <summary>What the calling thread blocks on, by what can end it.</summary>
internal enum BlockedCallKind
{
    /// <summary>Something that another thread or the system ends: a lock that is held, a thread or process to end, IO of the BCL.</summary>
    OthersEndIt,

    /// <summary>A task.</summary>
    Task,

    /// <summary>A semaphore or event in memory, which code of this process signals.</summary>
    Signal,

    /// <summary>A handle of the system, which code of this process or the system signals.</summary>
    Handle,
}

/// <summary>Reads off the stack what the calling thread blocks on: the calls between the guard and the first code that isn't the BCL's.</summary>
internal static class BlockedCall
{
    private static readonly string[] s_signals =
    [
        "System.Threading.SemaphoreSlim",
        "System.Threading.ManualResetEventSlim",
        "System.Threading.CountdownEvent",
        "System.Threading.Barrier",
        "System.Collections.Concurrent.BlockingCollection",
    ];

    /// <summary>Where the stack is unknown (trimmed metadata) nothing is suspected.</summary>
    public static BlockedCallKind Find()
    {
        BlockedCallKind kind = BlockedCallKind.OthersEndIt;
        foreach (StackFrame frame in new StackTrace().GetFrames())
        {
            if (DiagnosticMethodInfo.Create(frame) is not { DeclaringTypeName: { } type } method ||
                type.StartsWith("Gyre.Loop.", StringComparison.Ordinal))
            {
                continue;
            }

            if (!type.StartsWith("System.", StringComparison.Ordinal))
            {
                break;
            }

            if (Classify(type, method.Name) is not { } found)
            {
                continue;
            }

            // Waits are built from one another, so that the outer call knows better than the inner one what is waited for;
            // but a lock that is held is just that, whoever wants it.
            kind = found;
            if (found == BlockedCallKind.OthersEndIt)
            {
                break;
            }
        }

        return kind;
    }

    /// <summary>
    /// Whether the calling thread blocks on a lock that Gyre's own code takes, itself or by a call into the BCL: that is held for
    /// microseconds, and whatever that code was about to change is half changed.
    /// </summary>
    public static bool IsLockInsideGyre()
    {
        bool isLock = false;
        foreach (StackFrame frame in new StackTrace().GetFrames())
        {
            if (DiagnosticMethodInfo.Create(frame) is not { DeclaringTypeName: { } type } method ||
                type is "Gyre.Loop.BlockedCall" or "Gyre.Loop.CooperativeWait" or "Gyre.Loop.ScopeContext")
            {
                continue;
            }

            if (!type.StartsWith("System.", StringComparison.Ordinal))
            {
                return isLock && method.DeclaringAssemblyName == typeof(BlockedCall).Assembly.FullName;
            }

            isLock |= IsLock(type, method.Name);
        }

        return false;
    }

    private static bool IsLock(string type, string method) =>
        type == "System.Threading.Lock" || (type == "System.Threading.Monitor" && method.Contains("Enter", StringComparison.Ordinal));

    private static BlockedCallKind? Classify(string type, string method)
    {
        if (type.StartsWith("System.Threading.Tasks.", StringComparison.Ordinal))
        {
            return BlockedCallKind.Task;
        }

        if (s_signals.Any(signal => type.StartsWith(signal, StringComparison.Ordinal)))
        {
            return BlockedCallKind.Signal;
        }

        bool isLock = IsLock(type, method) || type is "System.Threading.Thread" or "System.Threading.ReaderWriterLockSlim";
        bool isSystem = type.StartsWith("System.Net.", StringComparison.Ordinal) || type.StartsWith("System.Diagnostics.", StringComparison.Ordinal);
        if (isLock || isSystem)
        {
            return BlockedCallKind.OthersEndIt;
        }

        return type == "System.Threading.WaitHandle" ? BlockedCallKind.Handle : null;
    }
}
