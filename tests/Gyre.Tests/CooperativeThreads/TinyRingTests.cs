using Gyre.Drivers.IoUring;
using Gyre.Tests.Drivers;
using Gyre.Tests.Drivers.IoUring;

namespace Gyre.Tests.CooperativeThreads;

/// <summary>
/// io_uring with queues of two and four entries, to which the loop's own thread alone may hand over: what cooperative threads start beyond
/// that waits for it, and nothing is lost.
/// </summary>
public sealed class TinyRingTests
{
    private static readonly RuntimeOptions s_tiny = OnLoop.Options with
    {
        DriverFactory = static () => IoUringDriver.Create(new IoUringOptions { SubmissionEntries = 2, CompletionEntries = 4 }),
    };

    [Fact]
    public void One_thread_starts_more_operations_than_fit()
    {
        IoUringWorlds.Require();
        OnLoop.Run(
            static async () =>
            {
                const int count = 30;
                var pairs = new List<Pair>();
                for (int i = 0; i < count; i++)
                {
                    pairs.Add(await Pair.ConnectAsync());
                }

                await TaskGroup.RunAsync(group =>
                {
                    group.SpawnThread(() =>
                    {
                        // All in one turn, on a thread that may not enter the ring: the kernel would answer EEXIST.
                        using FaultScope calls = FaultScope.None();
                        Task[] writes = [.. pairs.Select(static (pair, i) => pair.Client.AsStream().WriteAsync(new[] { (byte)i }).AsTask())];
                        Task<int>[] reads = [.. pairs.Select(static pair => ReadAsync(pair.Server.AsStream()))];
                        for (int i = 0; i < count; i++)
                        {
                            CooperativeThread.Await(writes[i]);
                            Assert.Equal(i, CooperativeThread.Await(reads[i]));
                        }

                        Assert.Equal(0, calls.Calls("io_uring_enter"));
                    });
                    return Task.CompletedTask;
                });
                foreach (Pair pair in pairs)
                {
                    await pair.DisposeAsync();
                }
            },
            s_tiny);

        static async Task<int> ReadAsync(Stream stream)
        {
            byte[] one = new byte[1];
            await stream.ReadExactlyAsync(one);
            return one[0];
        }
    }

    [Fact]
    public void Many_threads_echo_at_once()
    {
        IoUringWorlds.Require();
        OnLoop.Run(
            static () => TaskGroup.RunAsync(static group =>
            {
                for (int i = 0; i < 30; i++)
                {
                    byte mine = (byte)i;
                    group.Spawn(async () =>
                    {
                        await using Pair pair = await Pair.ConnectAsync();
                        await TaskGroup.RunAsync(inner =>
                        {
                            inner.SpawnThread(() =>
                            {
                                Stream server = pair.Server.AsStream();
                                while (server.ReadByte() is >= 0 and var read)
                                {
                                    server.WriteByte((byte)read);
                                }
                            });
                            inner.SpawnThread(() =>
                            {
                                using Stream client = pair.Client.AsStream();
                                for (int round = 0; round < 10; round++)
                                {
                                    client.WriteByte(mine);
                                    Assert.Equal(mine, client.ReadByte());
                                }
                            });
                            return Task.CompletedTask;
                        });
                    });
                }

                return Task.CompletedTask;
            }),
            s_tiny);
    }

    [Fact]
    public void Threads_connect_and_are_cancelled_in_the_middle()
    {
        IoUringWorlds.Require();
        OnLoop.Run(
            static async () =>
            {
                for (int turns = 0; turns < 25; turns++)
                {
                    await CancelScope.RunAsync(scope => TaskGroup.RunAsync(async group =>
                    {
                        for (int i = 0; i < 8; i++)
                        {
                            group.SpawnThread(static () =>
                            {
                                Pair pair = CooperativeThread.Await(Pair.ConnectAsync());
                                try
                                {
                                    pair.Client.AsStream().WriteByte(1);
                                    Assert.Equal(1, pair.Server.AsStream().ReadByte());
                                    pair.Client.AsStream().ReadByte();
                                }
                                finally
                                {
                                    CooperativeThread.Await(pair.DisposeAsync());
                                }
                            });
                        }

                        await OnLoop.TurnsAsync(turns);
                        scope.Cancel();
                    }));
                }
            },
            s_tiny);
    }
}
