using System.Threading.Channels;
using Gyre.Channels;
using Gyre.Sync;

namespace Gyre.Tests.CooperativeThreads;

/// <summary>Each kind of wait parks the thread alone, gives what it gives in a coroutine, and can be cancelled by a token.</summary>
public sealed class WaitTests
{
    [Fact]
    public void Sleep_lasts_on_the_loops_clock() => OnLoop.Run(static () => CooperativeThread.Run(static () =>
    {
        TimeSpan before = EventLoop.Current.Time;
        CooperativeThread.Sleep(TimeSpan.FromMilliseconds(3));
        Assert.True(EventLoop.Current.Time - before >= TimeSpan.FromMilliseconds(3));
        Assert.Throws<ArgumentOutOfRangeException>(static () => CooperativeThread.Sleep(TimeSpan.FromMilliseconds(-5)));
    }));

    [Fact]
    public void Waiting_for_a_future_gives_its_value_or_failure() => OnLoop.Run(static async () =>
    {
        var good = new Future<int>("good");
        var bad = new Future<int>("bad");
        var plain = new Future("plain");
        Task run = CooperativeThread.Run(() =>
        {
            Assert.Equal(7, good.Wait());
            Assert.Equal("broken", Assert.Throws<InvalidDataException>(() => bad.Wait()).Message);
            plain.Wait();
            Assert.Equal(7, good.Wait());
            Assert.Throws<InvalidDataException>(() => bad.Wait());
        });
        Assert.False(run.IsCompleted);
        good.SetResult(7);
        bad.SetException(new InvalidDataException("broken"));
        plain.SetResult();
        await run;
    });

    [Fact]
    public void Waiting_for_a_coroutine_gives_its_value() => OnLoop.Run(static () => TaskGroup.RunAsync(static async group =>
    {
        Coroutine<string> child = group.Spawn(static async () =>
        {
            await Coroutine.YieldAsync();
            return "done";
        });
        Assert.Equal("done", await CooperativeThread.Run(() => child.Wait()));
    }));

    [Fact]
    public void A_wait_for_the_own_coroutine_is_refused() => OnLoop.Run(static async () =>
    {
        Coroutine? self = null;
        await TaskGroup.RunAsync(group =>
        {
            self = group.SpawnThread(() => { Assert.Throws<InvalidOperationException>(() => self!.Wait()); });
            return Task.CompletedTask;
        });
    });

    [Fact]
    public void A_token_ends_one_wait_and_not_the_next() => OnLoop.Run(static () => CooperativeThread.Run(static () =>
    {
        using var source = new CancellationTokenSource();
        EventLoop.Current.CallLater(TimeSpan.FromMilliseconds(1), source.Cancel);
        var never = new Future("never");
        Assert.Equal(source.Token, Assert.Throws<OperationCanceledException>(() => never.Wait(source.Token)).CancellationToken);
        Assert.Throws<OperationCanceledException>(() => CooperativeThread.Sleep(TimeSpan.FromHours(1), source.Token));
        CooperativeThread.Yield();
    }));

    [Fact]
    public void A_token_cancelled_on_another_thread_ends_a_wait() => OnLoop.Run(static () => CooperativeThread.Run(static () =>
    {
        using var source = new CancellationTokenSource();
        Task cancelling = Task.Run(source.Cancel);
        Assert.Throws<OperationCanceledException>(() => CooperativeThread.Sleep(TimeSpan.FromHours(1), source.Token));
        CooperativeThread.Await(cancelling);
    }));

    [Fact]
    public void A_thread_and_a_coroutine_meet_in_channels() => OnLoop.Run(static async () =>
    {
        LoopChannel<int> there = LoopChannel.CreateRendezvous<int>();
        LoopChannel<int> back = LoopChannel.CreateBounded<int>(2);
        await TaskGroup.RunAsync(group =>
        {
            group.SpawnThread(() =>
            {
                while (CooperativeThread.Await(there.Reader.WaitToReadAsync()))
                {
                    CooperativeThread.Await(back.Writer.WriteAsync(2 * CooperativeThread.Await(there.Reader.ReadAsync())));
                }

                back.Writer.Complete();
                Assert.Throws<ChannelClosedException>(() => CooperativeThread.Await(there.Reader.ReadAsync()));
            });
            group.Spawn(async () =>
            {
                for (int i = 0; i < 20; i++)
                {
                    await there.Writer.WriteAsync(i);
                    Assert.Equal(2 * i, await back.Reader.ReadAsync());
                }

                there.Writer.Complete();
            });
            return Task.CompletedTask;
        });
    });

    [Fact]
    public void A_thread_selects() => OnLoop.Run(static async () =>
    {
        LoopChannel<int> numbers = LoopChannel.CreateRendezvous<int>();
        await TaskGroup.RunAsync(group =>
        {
            group.SpawnThread(() =>
            {
                var select = new Select();
                SelectReceive<int> received = select.Receive(numbers.Reader);
                select.After(TimeSpan.FromHours(1));
                Assert.Same(received, CooperativeThread.Await(select.WaitAsync()));
                Assert.Equal(5, received.Item);
            });
            group.Spawn(async () => await numbers.Writer.WriteAsync(5));
            return Task.CompletedTask;
        });
    });

    [Fact]
    public void Semaphore_event_condition_and_barrier() => OnLoop.Run(static async () =>
    {
        var permits = new AsyncSemaphore(0);
        var signal = new AsyncEvent();
        var gate = new AsyncLock();
        var changed = new AsyncCondition(gate);
        var barrier = new AsyncBarrier(2);
        bool isChanged = false;
        await TaskGroup.RunAsync(async group =>
        {
            group.SpawnThread(() =>
            {
                CooperativeThread.Await(permits.AcquireAsync());
                CooperativeThread.Await(signal.WaitAsync());
                using (LockHolder held = CooperativeThread.Await(gate.AcquireAsync()))
                {
                    CooperativeThread.Await(changed.WaitForAsync(held, () => isChanged));
                }

                CooperativeThread.Await(barrier.ArriveAndWaitAsync());
            });
            await OnLoop.TurnsAsync(3);
            permits.Release();
            await OnLoop.TurnsAsync(3);
            signal.Set();
            await OnLoop.TurnsAsync(3);
            using (LockHolder held = await gate.AcquireAsync())
            {
                isChanged = true;
                changed.Notify(held);
            }

            await barrier.ArriveAndWaitAsync();
        });
        Assert.Equal((0, false), (permits.Free, gate.IsHeld));
    });

    [Fact]
    public void A_thread_that_never_meets_a_pending_wait_lets_its_peers_run() => OnLoop.Run(static async () =>
    {
        // The budget of satisfied waits holds in threads too.
        var permits = new AsyncSemaphore(1);
        bool stop = false;
        await TaskGroup.RunAsync(group =>
        {
            group.SpawnThread(() =>
            {
                while (!stop)
                {
                    CooperativeThread.Await(permits.AcquireAsync());
                    permits.Release();
                }
            });
            group.Spawn(async () =>
            {
                await OnLoop.TurnsAsync(3);
                stop = true;
            });
            return Task.CompletedTask;
        });
    });

    [Fact]
    public void Foreign_tasks_of_all_shapes() => OnLoop.Run(static () => CooperativeThread.Run(static () =>
    {
        Assert.Equal(1, CooperativeThread.Await(Task.Run(static () => 1)));
        Assert.Equal(2, CooperativeThread.Await(new ValueTask<int>(Task.Run(static () => 2))));
        Assert.Throws<InvalidDataException>(static () => CooperativeThread.Await(Task.Run(static () => throw new InvalidDataException())));
        CooperativeThread.Await(new ValueTask(Task.Run(static () => { })));
        CooperativeThread.Await(Task.CompletedTask);
        Assert.True(CooperativeThread.IsCurrent);
    }));
}
