namespace Gyre.Loop;

/// <summary>Decides what happens when code on a loop's thread blocks it (<c>.Result</c>, <c>.Wait()</c>, a contended lock).</summary>
internal static class BlockingWaitGuard
{
    public static int Wait(EventLoop loop, IntPtr[] handles, bool waitAll, int millisecondsTimeout)
    {
        loop.CountBlockingWait();
        return ScopeContext.WaitPlainly(handles, waitAll, millisecondsTimeout);
    }
}
