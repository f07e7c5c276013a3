using System.Collections.Concurrent;
using System.Threading.Channels;
using Gyre.Channels;

namespace Gyre.Tests;

public sealed class CrossLoopChannelTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public void Under_load_between_loops_and_threads_with_cancellations_each_item_comes_once_and_in_order(int capacity)
    {
        const int items = 1500;
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var channel = new CrossLoopChannel<(int Producer, int Number)>(capacity);
        var load = new Load(channel, seed, items);
        OnGroup(async loops =>
        {
            Task[] all =
            [
                .. loops.Select((loop, i) => loop.InvokeAsync(() => load.ProduceAsync(i))),
                .. loops.Select((loop, i) => loop.InvokeAsync(() => load.ConsumeAsync(10 + i))),
                .. Enumerable.Range(2, 2).Select(i => OnPool(() => load.ProduceAsync(i))),
                .. Enumerable.Range(2, 2).Select(i => OnPool(() => load.ConsumeAsync(10 + i))),
            ];
            await Task.WhenAll(all);
        });
        foreach (List<(int Producer, int Number)> mine in load.Got)
        {
            for (int producer = 0; producer < 4; producer++)
            {
                int[] numbers = [.. mine.Where(each => each.Producer == producer).Select(static each => each.Number)];
                Assert.Equal(numbers.Order(), numbers);
            }
        }

        (int, int)[] sorted = [.. load.Got.SelectMany(static mine => mine).Order()];
        Assert.Equal(Enumerable.Range(0, 4).SelectMany(static producer => Enumerable.Range(0, items).Select(number => (producer, number))), sorted);
        ChannelStatistics left = channel.Statistics;
        Assert.Equal((0, 0, 0, true), (left.Stored, left.ReadersWaiting, left.WritersWaiting, left.IsClosed));
    }

    [Fact]
    public void A_loop_that_ended_with_waiting_readers_takes_no_item()
    {
        var channel = new CrossLoopChannel<int>();
        Record.Exception(() => OnLoop.Run(
            () =>
            {
                EventLoop.Current.Spawn(() => CancelScope.RunAsync(async scope =>
                {
                    scope.Shield = true;
                    await channel.Reader.ReadAsync();
                }));
                EventLoop.Current.Spawn(async () => await channel.Reader.ReadAsync());
                return OnLoop.TurnsAsync(2);
            },
            OnLoop.Options with { ShutdownGrace = TimeSpan.FromMilliseconds(1) }));
        Assert.Equal(1, channel.Statistics.ReadersWaiting);
        Assert.True(channel.Writer.TryWrite(1));
        Assert.True(channel.Reader.TryRead(out int item));
        Assert.Equal(1, item);
        Assert.Equal(0, channel.Statistics.ReadersWaiting);
    }

    [Fact]
    public void A_waiting_flow_is_woken_in_its_own_coroutine_and_reads_well_in_the_tree() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var channel = new CrossLoopChannel<int>(1, "between");
        Coroutine<int> reader = group.Spawn(async () =>
        {
            int item = await channel.Reader.ReadAsync();
            Assert.NotNull(Coroutine.Current);
            return item;
        });
        await Coroutine.YieldAsync();
        Assert.Equal("ChannelRead on between", reader.Node.DescribeWaits());
        var thread = new Thread(() => Assert.True(channel.Writer.TryWrite(7)));
        thread.Start();
        Assert.Equal(7, await reader);
        channel.Writer.TryWrite(1);
        Coroutine writer = group.Spawn(async () => await channel.Writer.WriteAsync(2));
        await Coroutine.YieldAsync();
        Assert.Equal("ChannelWrite on between", writer.Node.DescribeWaits());
        writer.Cancel();
        await OnLoop.TurnsAsync(2);
        Assert.Equal(0, channel.Statistics.WritersWaiting);
        Assert.Equal(1, channel.Reader.Count);
    }));

    [Fact]
    public void Chosen_and_then_cancelled_in_one_turn_a_reader_has_the_item_and_cancelled_first_it_has_none() => OnLoop.Run(() =>
        TaskGroup.RunAsync(async group =>
    {
        var channel = new CrossLoopChannel<int>();
        int got = 0;
        Coroutine<int> chosen = group.Spawn(async () => got = await channel.Reader.ReadAsync());
        await Coroutine.YieldAsync();
        Assert.True(channel.Writer.TryWrite(7));
        chosen.Cancel();
        await OnLoop.TurnsAsync(3);
        Assert.Equal(7, got);
        Coroutine<int> cancelled = group.Spawn(async () => got = await channel.Reader.ReadAsync());
        await Coroutine.YieldAsync();
        cancelled.Cancel();
        Assert.True(channel.Writer.TryWrite(8));
        await OnLoop.TurnsAsync(3);
        Assert.Equal(7, got);
        Assert.Equal(1, channel.Reader.Count);
    }));

    private static Task OnPool(Func<Task> body) =>
        Task.Factory.StartNew(body, CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Default).Unwrap();

    private static void OnGroup(Func<IReadOnlyList<EventLoop>, Task> body)
    {
        OnLoop.Run(() => body(EventLoopGroup.Current.Loops), OnLoop.Options with { Loops = 2 });
    }

    private sealed class Load(CrossLoopChannel<(int Producer, int Number)> channel, int seed, int items)
    {
        private int _producersLeft = 4;

        public ConcurrentBag<List<(int Producer, int Number)>> Got { get; } = [];

        public async Task ProduceAsync(int producer)
        {
            var random = new Random(seed + producer);
            for (int number = 0; number < items;)
            {
                using var token = new CancellationTokenSource();
                ValueTask write = channel.Writer.WriteAsync((producer, number), token.Token);
                if (random.Next(4) == 0)
                {
                    await token.CancelAsync();
                }

                try
                {
                    await write;
                    number++;
                }
                catch (OperationCanceledException)
                {
                    // Nothing was written; the same item is tried again.
                }
            }

            if (Interlocked.Decrement(ref _producersLeft) == 0)
            {
                channel.Writer.Complete();
            }
        }

        public async Task ConsumeAsync(int consumer)
        {
            var random = new Random(seed + consumer);
            var mine = new List<(int Producer, int Number)>();
            Got.Add(mine);
            while (true)
            {
                using var token = new CancellationTokenSource();
                ValueTask<(int, int)> read = channel.Reader.ReadAsync(token.Token);
                if (random.Next(3) == 0)
                {
                    await token.CancelAsync();
                }

                try
                {
                    mine.Add(await read);
                }
                catch (OperationCanceledException)
                {
                    // Nothing was taken.
                }
                catch (ChannelClosedException)
                {
                    return;
                }
            }
        }
    }
}
