using Gyre.Channels;
using Gyre.Diagnostics;
using Gyre.Sync;

namespace Gyre.Tests.CooperativeThreads;

/// <summary>
/// A program in a thread that uses every kind of wait, cancelled at the n-th one for every n: just before it, or while the thread is parked in
/// it. Wherever it strikes, no thread, wait, timer, permit or lock is left.
/// </summary>
public sealed class CancelAtEveryParkTests
{
    /// <summary>More waits than the program has; the sweep ends earlier, at the first that isn't cut short.</summary>
    private const int WaitsMax = 500;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Cancelled_at_the_nth_wait_nothing_is_left(bool parked, bool nested) => OnLoop.Run(async () =>
    {
        int cutShort = 0;
        for (int nth = 1; nth < WaitsMax; nth++)
        {
            bool whole = await new Program(nth, parked, nested).RunAsync();
            NothingIsLeft();
            if (whole)
            {
                break;
            }

            cutShort++;
        }

        Assert.InRange(cutShort, 15, WaitsMax - 2);
        await OnLoop.UntilAsync(static () => EventLoop.Current.Batons.Count <= 4);
    });

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Many_programs_cancelled_at_random_leave_nothing(int seed) => OnLoop.Run(async () =>
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int round = 0; round < 5; round++)
        {
            await TaskGroup.RunAsync(group =>
            {
                for (int i = 0; i < 20; i++)
                {
                    var program = new Program(random.Next(1, 40), random.Next(2) == 0, random.Next(2) == 0);
                    group.Spawn(program.RunAsync);
                }

                return Task.CompletedTask;
            });
            NothingIsLeft();
        }
    });

    private static void NothingIsLeft()
    {
        var waits = new List<WaitDescription>();
        EventLoop.Current.Root.CollectAllWaits(waits);
        Assert.Empty(waits);
        Assert.Equal(0, EventLoop.Current.Statistics.TimersPending);
    }

    private sealed class Program(int nth, bool parked, bool nested)
    {
        private readonly AsyncLock _gate = new();
        private readonly AsyncSemaphore _permits = new(1);
        private readonly AsyncEvent _signal = new();
        private readonly LoopChannel<int> _numbers = LoopChannel.CreateRendezvous<int>();
        private readonly CapacityLimiter _limiter = new(1);
        private CancelScope? _scope;
        private int _waits;
        private int _threads;
        private int _unwound;

        public async Task<bool> RunAsync()
        {
            await using Pair pair = await Pair.ConnectAsync();
            bool whole = false;
            _scope = await CancelScope.RunAsync(scope =>
            {
                _scope = scope;
                return TaskGroup.RunAsync(group =>
                {
                    group.Spawn(() => PartnerAsync(pair.Server.AsStream()), "partner");
                    group.SpawnThread(
                        () =>
                        {
                            Counted(() => Use(pair.Client.AsStream()));
                            whole = true;
                        },
                        "user");
                    return Task.CompletedTask;
                });
            });
            Assert.Equal(whole, !_scope.CancelledCaught);
            Assert.Equal(_threads, _unwound);
            Assert.False(_gate.IsHeld);
            Assert.Equal((1, 0), (_permits.Free, _permits.Waiting));
            Assert.Equal(0, _limiter.BorrowedTokens);
            Assert.Equal((0, 0), (_numbers.Statistics.ReadersWaiting, _numbers.Statistics.WritersWaiting));
            return whole;
        }

        private void Counted(Action body)
        {
            _threads++;
            try
            {
                body();
            }
            finally
            {
                _unwound++;
            }
        }

        /// <summary>Comes before each wait of the thread.</summary>
        private void At()
        {
            if (++_waits != nth)
            {
                return;
            }

            if (parked)
            {
                EventLoop.Current.Post(() => _scope!.Cancel());
            }
            else
            {
                _scope!.Cancel();
            }
        }

        private T Await<T>(ValueTask<T> task) => CooperativeThread.Await(task);

        private void Use(Stream stream)
        {
            At();
            CooperativeThread.Yield();
            At();
            CooperativeThread.Sleep(TimeSpan.FromMilliseconds(1));
            UseSync();
            UseChannels();
            UseStream(stream);
            At();
            CancelScope.MoveOnAfter(TimeSpan.FromHours(1), _ =>
            {
                At();
                CooperativeThread.Yield();
            });
            UseOthers();
            if (nested)
            {
                At();
                CooperativeThread.Await(CooperativeThread.Run(() => Counted(() =>
                {
                    At();
                    CooperativeThread.Yield();
                    UseSync();
                })));
            }
        }

        private void UseSync()
        {
            At();
            using (Await(_gate.AcquireAsync()))
            {
                At();
                CooperativeThread.Yield();
            }

            At();
            CooperativeThread.Await(_permits.AcquireAsync());
            try
            {
                At();
                CooperativeThread.Yield();
            }
            finally
            {
                _permits.Release();
            }

            At();
            CooperativeThread.Await(_signal.WaitAsync());
            At();
            using BorrowedToken token = Await(_limiter.AcquireOnBehalfOfAsync(new object()));
            At();
            CooperativeThread.Yield();
        }

        private void UseChannels()
        {
            At();
            CooperativeThread.Await(_numbers.Writer.WriteAsync(1));
            At();
            Assert.Equal(2, Await(_numbers.Reader.ReadAsync()));
            var select = new Select();
            SelectReceive<int> received = select.Receive(_numbers.Reader);
            select.After(TimeSpan.FromHours(1));
            At();
            Assert.Same(received, Await(select.WaitAsync()));
        }

        private void UseStream(Stream stream)
        {
            byte[] buffer = new byte[3];
            At();
            stream.Write([1, 2, 3]);
            At();
            stream.ReadExactly(buffer);
            Assert.Equal([1, 2, 3], buffer);
        }

        private void UseOthers()
        {
            var settled = new Future<int>("settled");
            EventLoop.Current.Post(() => settled.TrySetResult(1));
            At();
            Assert.Equal(1, settled.Wait());
            At();
            CooperativeThread.Await(TaskGroup.RunAsync(group =>
            {
                group.SpawnThread(() => Counted(() =>
                {
                    At();
                    CooperativeThread.Yield();
                }));
                group.Spawn(async () => await Coroutine.YieldAsync());
                return Task.CompletedTask;
            }));
            At();
            CooperativeThread.Await(Offload.RunAsync(static work => Thread.SpinWait(100)));
        }

        /// <summary>The other side of each wait, so that most of them park.</summary>
        private async Task PartnerAsync(Stream stream)
        {
            using (await _gate.AcquireAsync())
            {
                await OnLoop.TurnsAsync(3);
            }

            _signal.Set();
            Assert.Equal(1, await _numbers.Reader.ReadAsync());
            await Coroutine.YieldAsync();
            await _numbers.Writer.WriteAsync(2);
            await OnLoop.TurnsAsync(2);
            await _numbers.Writer.WriteAsync(3);
            byte[] buffer = new byte[3];
            await stream.ReadExactlyAsync(buffer);
            foreach (byte one in buffer)
            {
                await stream.WriteAsync(new[] { one });
                await Coroutine.YieldAsync();
            }
        }
    }
}
