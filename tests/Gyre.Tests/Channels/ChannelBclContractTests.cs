using System.Threading.Channels;
using Gyre.Channels;

namespace Gyre.Tests;

/// <summary>What code that knows only <see cref="ChannelReader{T}"/> and <see cref="ChannelWriter{T}"/> relies on, as the BCL's own channels do it.</summary>
public sealed class ChannelBclContractTests
{
    private static readonly Func<Channel<int>>[] s_kinds =
    [
        static () => LoopChannel.CreateRendezvous<int>(),
        static () => LoopChannel.CreateBounded<int>(4),
        static () => LoopChannel.CreateUnbounded<int>(),
        static () => new BroadcastChannel<int>(4),
        static () => new WatchChannel<int>(0),
        static () => new CrossLoopChannel<int>(4),
        static () => Channel.CreateUnbounded<int>(),
    ];

    public static TheoryData<int> Kinds { get; } = [.. Enumerable.Range(0, s_kinds.Length)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Completed_with_an_error_readers_are_thrown_that_very_error_or_find_it_inside(int kind) => OnLoop.Run(async () =>
    {
        Channel<int> channel = s_kinds[kind]();
        channel.Reader.TryRead(out _);
        var error = new InvalidTimeZoneException("why");
        channel.Writer.Complete(error);
        Assert.Same(error, await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await channel.Reader.WaitToReadAsync()));
        Assert.Same(error, await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await channel.Writer.WaitToWriteAsync()));
        Assert.Same(error, await Assert.ThrowsAsync<InvalidTimeZoneException>(async () =>
        {
            await foreach (int item in channel.Reader.ReadAllAsync())
            {
                Assert.Fail($"It is empty, but gave {item}.");
            }
        }));
        Assert.Same(error, (await Assert.ThrowsAsync<ChannelClosedException>(async () => await channel.Reader.ReadAsync())).InnerException);
        Assert.Same(error, (await Assert.ThrowsAsync<ChannelClosedException>(async () => await channel.Writer.WriteAsync(1))).InnerException);
        Assert.Throws<ChannelClosedException>(() => channel.Writer.Complete());
        Assert.False(channel.Reader.TryRead(out _));
        Assert.False(channel.Writer.TryWrite(1));
        Assert.Same(error, await Assert.ThrowsAsync<InvalidTimeZoneException>(() => channel.Reader.Completion));
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Completed_with_an_error_those_who_wait_are_thrown_it(int kind) => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        Channel<int> channel = s_kinds[kind]();
        channel.Reader.TryRead(out _);
        var error = new InvalidTimeZoneException("why");
        Coroutine<InvalidTimeZoneException> watcher = group.Spawn(async () =>
            await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await channel.Reader.WaitToReadAsync()));
        await OnLoop.TurnsAsync(2);
        channel.Writer.Complete(error);
        Assert.Same(error, await watcher);
    }));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Completed_with_a_cancellation_its_completion_is_cancelled(int kind) => OnLoop.Run(async () =>
    {
        Channel<int> channel = s_kinds[kind]();
        channel.Reader.TryRead(out _);
        channel.Writer.Complete(new OperationCanceledException("enough"));
        await OnLoop.TurnsAsync(1);
        Assert.True(channel.Reader.Completion.IsCanceled);
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_completion_that_nobody_looks_at_is_no_unobserved_failure(int kind) => OnLoop.Run(async () =>
    {
        var mark = new InvalidTimeZoneException($"mark of kind {kind}");
        bool unobserved = false;
        EventHandler<UnobservedTaskExceptionEventArgs> handler = (_, told) => unobserved |= told.Exception.InnerExceptions.Contains(mark);
        TaskScheduler.UnobservedTaskException += handler;
        Fail(kind, mark);
        await OnLoop.TurnsAsync(2);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        TaskScheduler.UnobservedTaskException -= handler;
        Assert.False(unobserved);
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_loop_of_waiting_and_trying_sees_every_item(int kind) => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        Channel<int> channel = s_kinds[kind]();
        channel.Reader.TryRead(out _);
        int sum = 0;
        Coroutine reader = group.Spawn(async () =>
        {
            while (await channel.Reader.WaitToReadAsync())
            {
                while (channel.Reader.TryRead(out int item))
                {
                    sum += item;
                }
            }
        });
        for (int i = 1; i <= 100; i++)
        {
            await channel.Writer.WriteAsync(i);
            await Coroutine.YieldAsync();
            await Coroutine.YieldAsync();
        }

        channel.Writer.Complete();
        await reader;
        Assert.Equal(5050, sum);
        await channel.Reader.Completion;
    }));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_token_cancels_waits(int kind) => OnLoop.Run(async () =>
    {
        Channel<int> channel = s_kinds[kind]();
        channel.Reader.TryRead(out _);
        using var token = new CancellationTokenSource();
        ValueTask<int> read = channel.Reader.ReadAsync(token.Token);
        Task<bool> watch = channel.Reader.WaitToReadAsync(token.Token).AsTask();
        await token.CancelAsync();
        Assert.Equal(token.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await read)).CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch);
        Assert.True(watch.IsCanceled);
    });

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Fail(int kind, Exception mark)
    {
        Channel<int> channel = s_kinds[kind]();
        channel.Reader.TryRead(out _);
        channel.Writer.Complete(mark);
    }
}
