using Gyre.Sync;

namespace Gyre.Tests;

/// <summary>What is made anywhere belongs to the loop that first uses it, and may serve the next once that one has ended.</summary>
public sealed class HomeLoopTests
{
    [Fact]
    public void It_serves_one_loop_after_another()
    {
        var gate = new AsyncLock();
        var permits = new AsyncSemaphore(1);
        for (int i = 0; i < 3; i++)
        {
            OnLoop.Run(async () =>
            {
                using LockHolder held = await gate.AcquireAsync();
                await permits.AcquireAsync();
                permits.Release();
            });
        }
    }

    [Fact]
    public void Another_loop_is_refused_while_the_first_runs_and_so_is_no_loop() => OnLoop.Run(async () =>
    {
        var gate = new AsyncLock("gate");
        using LockHolder held = await gate.AcquireAsync();
        InvalidOperationException? refused = null;
        var thread = new Thread(() =>
        {
            Assert.Throws<InvalidOperationException>(() => gate.TryAcquire(out _));
            refused = OnLoop.Throws<InvalidOperationException>(async () => await gate.AcquireAsync());
        });
        thread.Start();
        thread.Join();
        Assert.Contains("gate", refused!.Message, StringComparison.Ordinal);
    });

    /// <summary>A wait that outlived its loop stood in the queue still, and the next loop handed a permit to it.</summary>
    [Fact]
    public void A_wait_that_its_loop_left_behind_takes_nothing_from_the_next_loop()
    {
        var permits = new AsyncSemaphore(0);
        var gate = new AsyncLock();
        RuntimeOptions options = OnLoop.Options with { ShutdownGrace = TimeSpan.FromMilliseconds(1) };
        Record.Exception(() => OnLoop.Run(
            () =>
            {
                EventLoop.Current.Spawn(() => CancelScope.RunAsync(async scope =>
                {
                    scope.Shield = true;
                    using LockHolder held = await gate.AcquireAsync();
                    await permits.AcquireAsync();
                }));
                return OnLoop.TurnsAsync(2);
            },
            options));
        OnLoop.Run(async () =>
        {
            permits.Release();
            Assert.Equal(1, permits.Free);
            await permits.AcquireAsync();
            await Assert.ThrowsAsync<BrokenLockException>(async () => await gate.AcquireAsync());
        });
    }
}
