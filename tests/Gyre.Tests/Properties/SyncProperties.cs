using CsCheck;
using Gyre.Sync;

namespace Gyre.Tests;

/// <summary>
/// Random flows that take and return at a lock, a semaphore and a limiter, some cancelled: never more inside than may be, no permit
/// gained or lost, in the order of coming, and nobody forgotten. A failure prints its seed and the program.
/// </summary>
public sealed class SyncProperties
{
    private static readonly Gen<(int Kind, int Permits, (int Start, int Hold, int CancelAt)[] Flows)> s_programs = Gen.Select(
        Gen.Int[0, 2],
        Gen.Int[1, 3],
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, 3], Gen.Int[0, 20], static (start, hold, cancelAt) => (start, hold, cancelAt)).Array[0, 12],
        static (kind, permits, flows) => (kind, permits, flows));

    [Fact]
    public void Never_too_many_inside_no_permit_lost_and_nobody_forgotten() => s_programs.Sample(
        static program => { OnLoop.Run(() => RunAsync(program.Kind, program.Permits, program.Flows)); }, iter: 600, threads: 1);

    private static async Task RunAsync(int kind, int permits, (int Start, int Hold, int CancelAt)[] flows)
    {
        int most = kind == 0 ? 1 : permits;
        var gate = new AsyncLock();
        var semaphore = new AsyncSemaphore(most, most);
        var limiter = new CapacityLimiter(most);
        var waiting = new List<int>();
        var cancelled = new HashSet<int>();
        int inside = 0;
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < flows.Length; i++)
            {
                int number = i;
                (int start, int hold, int cancelAt) = flows[i];
                Coroutine flow = group.Spawn(async () =>
                {
                    await OnLoop.TurnsAsync(start);
                    waiting.Add(number);
                    Func<Action> acquired;
                    try
                    {
                        acquired = await AcquireAsync(kind, (gate, semaphore, limiter), () => VerifyOrder(number));
                    }
                    finally
                    {
                        waiting.Remove(number);
                    }

                    Assert.InRange(++inside, 1, most);
                    try
                    {
                        await OnLoop.TurnsAsync(hold);
                    }
                    finally
                    {
                        inside--;
                        acquired()();
                    }
                });
                group.Spawn(async () =>
                {
                    await OnLoop.TurnsAsync(cancelAt);
                    if (cancelAt % 2 == 0)
                    {
                        cancelled.Add(number);
                        flow.Cancel();
                    }
                });
            }

            return Task.CompletedTask;
        });
        Assert.Equal(0, inside);
        Assert.Empty(waiting);
        Assert.False(gate.IsHeld);
        Assert.Equal((most, 0), (semaphore.Free, semaphore.Waiting));
        Assert.Equal((0, 0), (limiter.BorrowedTokens, limiter.Statistics.Waiting));

        // One that was cancelled gave up at once, but says so only when it runs.
        void VerifyOrder(int number) =>
            Assert.True(waiting.TakeWhile(each => each != number).All(cancelled.Contains), "Somebody who came earlier waits still.");
    }

    private static async Task<Func<Action>> AcquireAsync(
        int kind, (AsyncLock Gate, AsyncSemaphore Semaphore, CapacityLimiter Limiter) at, Action verifyOrder)
    {
        switch (kind)
        {
            case 0:
                LockHolder held = await at.Gate.AcquireAsync();
                verifyOrder();
                return () => held.Dispose;
            case 1:
                await at.Semaphore.AcquireAsync();
                return () => () => at.Semaphore.Release();
            default:
                BorrowedToken token = await at.Limiter.AcquireAsync();
                return () => token.Dispose;
        }
    }
}
