using System.Threading.Channels;
using CsCheck;
using Gyre.Channels;

namespace Gyre.Tests;

/// <summary>
/// Random producers, consumers, cancellations and closes at each kind of channel: what a write returned for is delivered once,
/// stored, or was dropped by intent; what was refused or cancelled is nowhere. A failure prints its seed and the program.
/// </summary>
public sealed class ChannelProperties
{
    private static readonly Gen<Program> s_programs = Gen.Select(
        Gen.Int[0, 5],
        Gen.Int[0, 3],
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 9], static (kind, value) => new Step((Kind)kind, value)).Array[0, 60],
        static (channel, capacity, steps) => new Program(channel, capacity, steps));

    [Fact]
    public void Every_item_is_delivered_once_or_still_inside_or_refused() => s_programs.Sample(
        static program => { OnLoop.Run(() => new Run(program).AllAsync()); }, iter: 600, threads: 1);

    private enum Kind
    {
        Write,
        Read,
        Select,
        Cancel,
        Turn,
        Close,
    }

    private sealed record Step(Kind Kind, int Value);

    private sealed record Program(int Channel, int Capacity, Step[] Steps)
    {
        public override string ToString() => $"channel {Channel} of {Capacity}: {string.Join(", ", Steps.Select(static step => $"{step.Kind} {step.Value}"))}";
    }

    private sealed class Run(Program program)
    {
        private readonly List<int> _written = [];
        private readonly List<int> _dropped = [];
        private readonly List<int> _read = [];
        private readonly List<(Func<bool> IsDone, Action Cancel)> _flows = [];
        private int _numbers;

        public Task AllAsync() => TaskGroup.RunAsync(async group =>
        {
            Channel<int> channel = program.Channel switch
            {
                0 => LoopChannel.CreateRendezvous<int>(),
                1 => LoopChannel.CreateBounded<int>(program.Capacity),
                2 => LoopChannel.CreateUnbounded<int>(),
                3 => LoopChannel.CreateBounded(new LoopChannelOptions<int>
                {
                    Capacity = program.Capacity + 1, FullMode = BoundedChannelFullMode.DropOldest, Dropped = _dropped.Add,
                }),
                4 => LoopChannel.CreateOneshot<int>(),
                _ => new CrossLoopChannel<int>(program.Capacity + 1),
            };
            foreach (Step step in program.Steps)
            {
                await StepAsync(group, channel, step);
            }

            await OnLoop.TurnsAsync(5);
            channel.Writer.TryComplete();
            await OnLoop.TurnsAsync(5);
            while (channel.Reader.TryRead(out int left))
            {
                _read.Add(left);
            }

            await OnLoop.TurnsAsync(5);
            Assert.All(_flows, static flow => Assert.True(flow.IsDone()));
            Assert.Equal(_written.Order(), _read.Concat(_dropped).Order());
            Assert.True(channel.Reader.Completion.IsCompletedSuccessfully);
        });

        private async Task StepAsync(TaskGroup group, Channel<int> channel, Step step)
        {
            switch (step.Kind)
            {
                case Kind.Write:
                    int number = ++_numbers;
                    Start(group, async () =>
                    {
                        await channel.Writer.WriteAsync(number);
                        _written.Add(number);
                    });
                    break;
                case Kind.Read:
                    Start(group, async () => _read.Add(await channel.Reader.ReadAsync()));
                    break;
                case Kind.Select when program.Channel != 5:
                    Start(group, async () =>
                    {
                        var select = new Select();
                        SelectReceive<int> received = select.Receive(channel.Reader);
                        select.Receive(channel.Reader);
                        _read.Add(((SelectReceive<int>)await select.WaitAsync()).Item);
                    });
                    break;
                case Kind.Cancel when _flows.Count > 0:
                    _flows[^(1 + (step.Value % _flows.Count))].Cancel();
                    break;
                case Kind.Close when step.Value == 0:
                    channel.Writer.TryComplete();
                    break;
                default:
                    await OnLoop.TurnsAsync(step.Value % 3);
                    break;
            }
        }

        private void Start(TaskGroup group, Func<Task> work)
        {
            Coroutine flow = group.SpawnNow(async () =>
            {
                try
                {
                    await work();
                }
                catch (ChannelClosedException)
                {
                    // It was refused, and so it isn't counted.
                }
            });
            _flows.Add((() => flow.IsDone, () => flow.Cancel()));
        }
    }
}
