using System.IO.Pipelines;

namespace Gyre.Tests;

/// <summary>
/// A wait that is satisfied already doesn't suspend, within a budget, so that an always-ready flow can't starve its peers.
/// </summary>
public sealed class BudgetTests
{
    [Fact]
    public void A_reader_that_always_finds_bytes_lets_its_peers_run() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        await pair.Client.Output.WriteAsync(new byte[30_000]);
        await OnLoop.UntilAsync(() => HasBuffered(pair.Server.Input, 30_000));
        int reads = 0;
        int readsAtPeersTurn = -1;
        EventLoop.Current.Post(() => readsAtPeersTurn = reads);
        while (readsAtPeersTurn < 0)
        {
            ReadResult result = await pair.Server.Input.ReadAsync();
            pair.Server.Input.AdvanceTo(result.Buffer.GetPosition(1));
            reads++;
        }

        Assert.InRange(readsAtPeersTurn, 2, EventLoop.BudgetPerItem);
    });

    [Fact]
    public void A_reader_of_the_stream_that_always_finds_bytes_lets_its_peers_run() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        await pair.Client.Output.WriteAsync(new byte[30_000]);
        await OnLoop.UntilAsync(() => HasBuffered(pair.Server.Input, 30_000));
        Stream stream = pair.Server.AsStream();
        byte[] one = new byte[1];
        int reads = 0;
        int readsAtPeersTurn = -1;
        EventLoop.Current.Post(() => readsAtPeersTurn = reads);
        while (readsAtPeersTurn < 0)
        {
            Assert.Equal(1, await stream.ReadAsync(one));
            reads++;
        }

        Assert.InRange(readsAtPeersTurn, 2, EventLoop.BudgetPerItem);
    });

    [Fact]
    public void A_writer_that_always_finds_room_lets_its_peers_run() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        byte[] one = [1];
        int writes = 0;
        int writesAtPeersTurn = -1;
        EventLoop.Current.Post(() => writesAtPeersTurn = writes);
        while (writesAtPeersTurn < 0)
        {
            await pair.Client.Output.WriteAsync(one);
            writes++;
        }

        Assert.InRange(writesAtPeersTurn, 2, EventLoop.BudgetPerItem);
    });

    [Fact]
    public void A_flood_on_one_connection_does_not_keep_another_from_being_answered() => OnLoop.Run(async () =>
    {
        await using Pair flood = await Pair.ConnectAsync();
        await using Pair normal = await Pair.ConnectAsync();
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(() => FloodAsync(flood.Client.Output));
            group.Spawn(() => NibbleAsync(flood.Server.Input));
            group.Spawn(() => normal.Server.Input.CopyToAsync(normal.Server.Output));
            for (int i = 0; i < 100; i++)
            {
                await normal.Client.Output.WriteAsync(new byte[] { (byte)i });
                ReadResult answer = await normal.Client.Input.ReadAsync();
                Assert.Equal(i, answer.Buffer.FirstSpan[0]);
                normal.Client.Input.AdvanceTo(answer.Buffer.End);
            }

            group.Cancel();
        });
    });

    private static async Task FloodAsync(PipeWriter writer)
    {
        byte[] chunk = new byte[1000];
        while (true)
        {
            await writer.WriteAsync(chunk);
        }
    }

    private static async Task NibbleAsync(PipeReader reader)
    {
        while (true)
        {
            ReadResult result = await reader.ReadAsync();
            reader.AdvanceTo(result.Buffer.GetPosition(Math.Min(10, result.Buffer.Length)));
        }
    }

    private static bool HasBuffered(PipeReader reader, int bytes)
    {
        if (!reader.TryRead(out ReadResult result))
        {
            return false;
        }

        reader.AdvanceTo(result.Buffer.Start);
        return result.Buffer.Length >= bytes;
    }
}
