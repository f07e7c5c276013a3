namespace Gyre.Loop;

/// <summary>A blocking call on a cooperative thread that isn't Gyre's: <c>task.Result</c>, a lock that another one holds, a semaphore.</summary>
/// <remarks>
/// A lock that is held for microseconds isn't worth two thread switches. So a wait keeps the baton for a moment, and gives it back after that:
/// then the loop goes on, and may complete what is waited for. Gyre's own locks never give it back: their holder may be without a processor for
/// longer than that, but they are taken in the midst of what nobody else on the loop must see.
/// </remarks>
internal static class CooperativeWait
{
    /// <summary>What a wait may take before the loop is let go on.</summary>
    private const int BriefMilliseconds = 1;

    private const int WaitTimeout = 258;

    public static int Wait(BatonThread thread, IntPtr[] handles, bool waitAll, int millisecondsTimeout)
    {
        int first = millisecondsTimeout < 0 ? BriefMilliseconds : Math.Min(BriefMilliseconds, millisecondsTimeout);
        int result = ScopeContext.WaitPlainly(handles, waitAll, first);
        if (result != WaitTimeout || millisecondsTimeout == first)
        {
            return result;
        }

        int rest = millisecondsTimeout < 0 ? millisecondsTimeout : millisecondsTimeout - first;
        return BlockedCall.IsLockInsideGyre()
            ? ScopeContext.WaitPlainly(handles, waitAll, rest)
            : thread.BlockWithoutBaton(() => ScopeContext.WaitPlainly(handles, waitAll, rest));
    }
}
