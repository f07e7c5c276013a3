using Gyre.Channels;
using Gyre.Diagnostics;
using Gyre.Sync;

namespace Gyre.Tests;

/// <summary>
/// A scenario that waits at every kind of primitive, cancelled after every number of turns that it takes: wherever that strikes,
/// no lock is held, no permit or token is gone, nobody stands in a queue, no item is lost or doubled, and no timer is left.
/// </summary>
public sealed class SyncSweepTests
{
    private const int TurnsMax = 1000;

    [Fact]
    public void Cancelled_after_any_number_of_turns_nothing_is_held_or_waited_for() => OnLoop.Run(async () =>
    {
        int cutShort = 0;
        for (int turns = 0; turns < TurnsMax; turns++)
        {
            var scenario = new Scenario();
            bool whole = false;
            await TaskGroup.RunAsync(async outer =>
            {
                Coroutine canceller = outer.Spawn(async () =>
                {
                    await OnLoop.TurnsAsync(turns);
                    outer.Cancel();
                });
                await scenario.RunAsync();
                whole = !canceller.IsDone;
                canceller.Cancel();
            });
            scenario.VerifyNothingIsLeft($"turn {turns}");
            Assert.Equal(0, EventLoop.Current.Statistics.TimersPending);
            Assert.True(EventLoop.Current.Snapshot().All().All(static scope => scope.Waits.Count == 0), $"turn {turns}");
            if (whole)
            {
                break;
            }

            cutShort++;
        }

        Assert.InRange(cutShort, 10, TurnsMax - 1);
    });

    private sealed class Scenario
    {
        private readonly AsyncLock _gate = new();
        private readonly AsyncCondition _changed;
        private readonly AsyncSemaphore _permits = new(2);
        private readonly CapacityLimiter _limiter = new(2);
        private readonly AsyncEvent _door = new();
        private readonly AsyncBarrier _barrier = new(3);
        private readonly AsyncOnce<int> _once;
        private readonly LoopChannel<int> _rendezvous = LoopChannel.CreateRendezvous<int>();
        private readonly LoopChannel<int> _bounded = LoopChannel.CreateBounded<int>(1);
        private readonly AsyncQueue<int> _queue = new(1);
        private readonly List<int> _written = [];
        private readonly List<int> _read = [];
        private int _permitsTaken;
        private int _value;

        public Scenario()
        {
            _changed = new AsyncCondition(_gate);
            _once = new AsyncOnce<int>(static async () =>
            {
                await Coroutine.YieldAsync();
                return 1;
            });
        }

        public Task RunAsync() => TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 3; i++)
            {
                int number = i;
                group.Spawn(() => WorkAsync(number));
            }

            group.Spawn(SelectAsync);
            group.Spawn(DrainAsync);
            return Task.CompletedTask;
        });

        public void VerifyNothingIsLeft(string when)
        {
            Assert.True(!_gate.IsHeld && _gate.Statistics.Waiters.Count == 0, when);
            Assert.Equal((0, 0, 0, 0), (_changed.Waiting, _permits.Waiting, _door.Waiting, _barrier.Waiting));
            Assert.Equal((2, 0), (_permits.Free, _permitsTaken));
            Assert.Equal((0, 0), (_limiter.BorrowedTokens, _limiter.Statistics.Waiting));
            Assert.Equal(0, _once.Waiting);
            Assert.Equal((0, 0), (_rendezvous.Statistics.ReadersWaiting, _rendezvous.Statistics.WritersWaiting));
            Assert.Equal((0, 0), (_bounded.Statistics.ReadersWaiting, _bounded.Statistics.WritersWaiting));
            Assert.Equal((0, 0, 0), (_queue.Statistics.GettersWaiting, _queue.Statistics.PuttersWaiting, _queue.Statistics.JoinersWaiting));
            while (_bounded.Reader.TryRead(out int stored))
            {
                _read.Add(stored);
            }

            Assert.True(_written.Order().SequenceEqual(_read.Order()), $"{when}: {string.Join(' ', _written)} were written, {string.Join(' ', _read)} read.");
        }

        private async Task WorkAsync(int number)
        {
            await _barrier.ArriveAndWaitAsync();
            using (LockHolder held = await _gate.AcquireAsync())
            {
                _value++;
                _changed.NotifyAll(held);
                await _changed.WaitForAsync(held, () => _value == 3);
                await Coroutine.YieldAsync();
            }

            await _permits.AcquireAsync();
            _permitsTaken++;
            try
            {
                using BorrowedToken token = await _limiter.AcquireAsync();
                await _once.GetAsync();
                await WriteAsync(_rendezvous.Writer, number);
                await WriteAsync(_bounded.Writer, 10 + number);
            }
            finally
            {
                _permitsTaken--;
                _permits.Release();
            }

            await _queue.PutAsync(number);
            _door.Set();
            await _queue.JoinAsync();
        }

        private async Task WriteAsync(LoopWriter<int> writer, int item)
        {
            await writer.WriteAsync(item);
            _written.Add(item);
        }

        private async Task SelectAsync()
        {
            var select = new Select();
            SelectReceive<int>[] cases = [select.Receive(_rendezvous.Reader), select.Receive(_bounded.Reader)];
            select.After(TimeSpan.FromHours(1));
            for (int i = 0; i < 6; i++)
            {
                _read.Add(((SelectReceive<int>)await select.WaitAsync()).Item);
                Assert.Equal(2, cases.Length);
            }
        }

        private async Task DrainAsync()
        {
            await _door.WaitAsync();
            for (int i = 0; i < 3; i++)
            {
                await _queue.GetAsync();
                await Coroutine.YieldAsync();
                _queue.TaskDone();
            }
        }
    }
}
