using System.Diagnostics;
using Gyre.Diagnostics;

namespace Gyre.Loop;

/// <summary>Decides what happens when code on a loop's thread blocks it (<c>.Result</c>, <c>.Wait()</c>, a contended lock).</summary>
/// <remarks>
/// <para>The facts. The runtime tells a synchronization context before it blocks the thread, but hands over bare system
/// handles: neither the task nor the semaphore is known. Most waits are harmless (a lock held for microseconds by another
/// thread); one for something that only this loop can complete never ends.</para>
/// <para>The answer. A short wait passes. After that, a wait for a task is judged by structure: from each wait parked on this
/// loop the chain of continuations is followed, and when it ends in the event that a blocked <c>Task.Wait</c> sets, the loop
/// waits for itself. Other waits (a semaphore has no chain) are judged by circumstances: the loop has had work to run, and
/// the thread pool nothing, for <see cref="CircumstancesMilliseconds"/>. Then it throws, on the stack of whoever blocked.</para>
/// <para>The price. A semaphore that a thread outside the pool releases later than that, while the pool rests and the loop has
/// work, is judged wrongly; such a wait belongs in an offloaded call anyway.</para>
/// </remarks>
internal static class BlockingWaitGuard
{
    /// <summary>What a wait may take without being looked at; a contended lock is over long before.</summary>
    private const int HarmlessMilliseconds = 10;

    /// <summary>How long circumstances must hold before a wait that has no structure counts as one that never ends.</summary>
    private const int CircumstancesMilliseconds = 1000;

    /// <summary>How often chains are followed again: a foreign task may end meanwhile, and want this loop for its continuation.</summary>
    private const int ChainsMilliseconds = 100;

    private const int WaitTimeout = 258;

    public static int Wait(EventLoop loop, IntPtr[] handles, bool waitAll, int millisecondsTimeout)
    {
        int waited = 0;
        int suspicious = 0;
        while (true)
        {
            int left = millisecondsTimeout < 0 ? HarmlessMilliseconds : Math.Min(HarmlessMilliseconds, millisecondsTimeout - waited);
            int result = ScopeContext.WaitPlainly(handles, waitAll, left);
            waited += left;
            if (result != WaitTimeout || (millisecondsTimeout >= 0 && waited >= millisecondsTimeout))
            {
                loop.CountBlockingWait();
                return result;
            }

            if (millisecondsTimeout < 0)
            {
                bool looksAtChains = waited == HarmlessMilliseconds || waited % ChainsMilliseconds == 0;
                suspicious = Judge(loop, looksAtChains, suspicious);
            }
        }
    }

    /// <summary>Throws when the wait can't end; else how long, in milliseconds, circumstances have been suspicious.</summary>
    private static int Judge(EventLoop loop, bool looksAtChains, int suspicious)
    {
        if (looksAtChains && loop.ContinuationsOfWaits().Any(TaskChain.LeadsToBlockedWait))
        {
            throw Refusal(loop, "a task that only this loop can complete");
        }

        if (!loop.HasWorkItCannotRun || !IsPoolIdle())
        {
            return 0;
        }

        suspicious += HarmlessMilliseconds;
        return suspicious < CircumstancesMilliseconds || IsTaskWait()
            ? suspicious
            : throw Refusal(loop, "something that nobody but this loop seems able to complete");
    }

    /// <summary>A wait for a task was judged by structure already; that it goes on means that somebody else completes it.</summary>
    private static bool IsTaskWait() =>
        new StackTrace().GetFrames().Any(static frame =>
            DiagnosticMethodInfo.Create(frame) is { DeclaringTypeName: { } type } && type.StartsWith("System.Threading.Tasks.", StringComparison.Ordinal));

#pragma warning disable RS0030 // The pool is looked at, not used.
    private static bool IsPoolIdle()
    {
        ThreadPool.GetMaxThreads(out int most, out _);
        ThreadPool.GetAvailableThreads(out int free, out _);
        return ThreadPool.PendingWorkItemCount == 0 && free == most;
    }
#pragma warning restore RS0030

    private static InvalidOperationException Refusal(EventLoop loop, string forWhat)
    {
        CoroutineNode? holder = ScopeContext.Resolve(loop).Node;
        string who = holder is null ? "A callback" : $"The coroutine {holder}";
        return new InvalidOperationException(
            $"{who} blocked the thread of loop '{loop.Name}' (.Result, .Wait() or a semaphore) for {forWhat}: it would wait " +
            "for ever. Await it instead (await task, await semaphore.WaitAsync()), or do the blocking work on another thread.");
    }
}
