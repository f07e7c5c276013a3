using System.IO.Pipelines;
using System.Net;
using System.Text;
using Gyre.Net;

namespace Gyre.Tests;

/// <summary>The driver's receive buffers are transit: slow senders don't hold them, so they can't stop anybody else.</summary>
public sealed class TransitTests
{
    [Fact]
    public void A_sender_of_a_byte_at_a_time_does_not_hold_up_a_normal_client() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        await using Pair slow = await Pair.ConnectAsync();
        await using Pair normal = await Pair.ConnectAsync();
        await TaskGroup.RunAsync(async group =>
        {
            int seen = 0;
            group.Spawn(async () =>
            {
                while (true)
                {
                    // As a parser does that waits for the end of a header.
                    ReadResult result = await slow.Server.Input.ReadAsync();
                    seen = (int)result.Buffer.Length;
                    slow.Server.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                }
            });
            group.Spawn(() => Echo.RunAsync(normal.Server));
            for (int i = 1; i <= 3000; i++)
            {
                await slow.Client.Output.WriteAsync("x"u8.ToArray());
                await OnLoop.UntilAsync(() => seen == i);
                Assert.InRange(loop.Driver.Statistics.BuffersHeld, 0, 2);
                if (i % 100 == 0)
                {
                    await Echo.PingAsync(normal.Client);
                }
            }

            Assert.InRange(loop.Statistics.BuffersRented, 1, 4);
            group.Cancel();
        });
    });

    [Fact]
    public void A_reader_that_turns_to_something_else_gives_back_what_it_left() => OnLoop.Run(async () =>
    {
        // As a handler does that works on one request while the next one lies behind it.
        EventLoop loop = EventLoop.Current;
        var pairs = new List<Pair>();
        for (int i = 0; i < 600; i++)
        {
            Pair pair = await Pair.ConnectAsync();
            pairs.Add(pair);
            ValueTask<ReadResult> read = pair.Server.Input.ReadAsync();
            await pair.Client.Output.WriteAsync("first second"u8.ToArray());
            ReadResult result = await read;
            pair.Server.Input.AdvanceTo(result.Buffer.GetPosition(6));
            await Coroutine.YieldAsync();
            Assert.Equal(0, loop.Driver.Statistics.BuffersHeld);
        }

        foreach (Pair pair in pairs)
        {
            ReadResult rest = await pair.Server.Input.ReadAsync();
            Assert.Equal("second", Encoding.ASCII.GetString(rest.Buffer));
            pair.Server.Input.AdvanceTo(rest.Buffer.End);
            await pair.DisposeAsync();
        }
    });

    [Fact]
    public void Readers_that_keep_many_buffers_at_once_leave_enough_for_the_others() => OnLoop.Run(async () =>
    {
        // Each holds what it read without advancing, as a handler does that works on it for long.
        EventLoop loop = EventLoop.Current;
        var pairs = new List<Pair>();
        for (int i = 0; i < 600; i++)
        {
            Pair pair = await Pair.ConnectAsync();
            pairs.Add(pair);
            await pair.Client.Output.WriteAsync("abc"u8.ToArray());
            Assert.Equal(3, (await pair.Server.Input.ReadAsync()).Buffer.Length);
        }

        await using Pair normal = await Pair.ConnectAsync();
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(() => Echo.RunAsync(normal.Server));
            for (int i = 0; i < 50; i++)
            {
                await Echo.PingAsync(normal.Client);
            }

            group.Cancel();
        });
        foreach (Pair pair in pairs)
        {
            await pair.DisposeAsync();
        }

        await OnLoop.UntilAsync(() => loop.Statistics.BuffersRented == 0 && loop.Driver.Statistics.BuffersHeld == 0);
    });
}
