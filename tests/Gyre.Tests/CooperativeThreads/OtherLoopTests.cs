using Gyre.Channels;

namespace Gyre.Tests.CooperativeThreads;

/// <summary>A cooperative thread and what belongs to another loop.</summary>
public sealed class OtherLoopTests
{
    [Fact]
    public void Threads_of_two_loops_meet_in_a_channel() => OnLoop.Run(static async () =>
    {
        CrossLoopChannel<int> there = new(1);
        CrossLoopChannel<int> back = new(1);
        Task other = RunElsewhere(() => CooperativeThread.Run(() =>
        {
            while (CooperativeThread.Await(there.Reader.WaitToReadAsync()))
            {
                CooperativeThread.Await(back.Writer.WriteAsync(2 * CooperativeThread.Await(there.Reader.ReadAsync())));
                Assert.True(CooperativeThread.IsCurrent);
            }
        }));
        await CooperativeThread.Run(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                CooperativeThread.Await(there.Writer.WriteAsync(i));
                Assert.Equal(2 * i, CooperativeThread.Await(back.Reader.ReadAsync()));
                Assert.True(CooperativeThread.IsCurrent);
            }

            there.Writer.Complete();
        });
        await other;
    });

    [Fact]
    public void A_wait_for_another_loop_is_cancelled_by_the_scope_of_the_thread() => OnLoop.Run(static () => CooperativeThread.Run(static () =>
    {
        CrossLoopChannel<int> never = new(1);
        Assert.True(CancelScope.MoveOnAfter(TimeSpan.FromMilliseconds(1), _ => CooperativeThread.Await(never.Reader.ReadAsync())).CancelledCaught);
    }));

    [Fact]
    public void A_stream_of_another_loop_blocks_the_thread_for_real_and_both_loops_go_on() => OnLoop.Run(static async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        Stream stream = pair.Client.AsStream();
        int turns = 0;
        Task other = RunElsewhere(() => TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () =>
            {
                while (true)
                {
                    turns++;
                    await Coroutine.YieldAsync();
                }
            });
            Assert.Equal(8, await CooperativeThread.Run(() => stream.ReadByte()));
            group.Cancel();
        }));
        await OnLoop.UntilAsync(() => Volatile.Read(ref turns) > 100);
        await pair.Server.AsStream().WriteAsync(new byte[] { 8 });
        await other;
    });

    private static Task RunElsewhere(Func<Task> main)
    {
        var outcome = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                GyreRuntime.Run(main, OnLoop.Options);
                outcome.SetResult();
            }
#pragma warning disable CA1031 // Rethrown to whoever awaits.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                outcome.SetException(failure);
            }
        })
        {
            IsBackground = true,
        };
        thread.Start();
        return outcome.Task;
    }
}
