using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Gyre.Drivers;
using Gyre.Net;
using Xunit;
using TcpListener = Gyre.Net.TcpListener;

namespace Gyre.Conformance.Cases;

/// <summary>The driver below a loop: what only shows when coroutines use it.</summary>
internal static class RuntimeCases
{
    private static readonly IPEndPoint s_anyPort = new(IPAddress.Loopback, 0);

    [ConformanceCase]
    public static void Many_clients_echo_large_messages(World world) => world.RunLoop(async () =>
    {
        const int clients = 20;
        const int bytes = 200_000;
        await using TcpListener listener = TcpListener.Listen(s_anyPort);
        await TaskGroup.RunAsync(async group =>
        {
            for (int i = 0; i < clients; i++)
            {
                group.Spawn(() => AskAsync(listener.LocalEndPoint, bytes));
            }

            for (int i = 0; i < clients; i++)
            {
                TcpConnection accepted = await listener.AcceptAsync();
                group.Spawn(() => EchoAsync(accepted));
            }
        });
    });

    [ConformanceCase]
    public static void A_read_that_is_cancelled_again_and_again_loses_nothing(World world) => world.RunLoop(async () =>
    {
        const int total = 300_000;
        await using TcpListener listener = TcpListener.Listen(s_anyPort);
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(() => SendSlowlyAsync(listener.LocalEndPoint, total));
            await using TcpConnection accepted = await listener.AcceptAsync();
            long received = 0;
            int cancelled = 0;
            bool ended = false;
            while (!ended)
            {
                CancelScope scope = await CancelScope.MoveOnAfterAsync(
                    TimeSpan.FromMicroseconds(200),
                    async _ =>
                    {
                        ReadResult result = await accepted.Input.ReadAsync();
                        received = CheckAll(result, received);
                        accepted.Input.AdvanceTo(result.Buffer.End);
                        ended = result.IsCompleted;
                    });
                cancelled += scope.CancelledCaught ? 1 : 0;
            }

            Assert.Equal(total, received);
            Assert.True(cancelled > 0, "Some of the reads must have been cancelled.");
        });
    });

    [ConformanceCase]
    public static void A_cancelled_accept_loses_no_connection(World world) => world.RunLoop(async () =>
    {
        const int clients = 40;
        await using TcpListener listener = TcpListener.Listen(s_anyPort);
        await TaskGroup.RunAsync(async group =>
        {
            for (int i = 0; i < clients; i++)
            {
                group.Spawn(() => AskAsync(listener.LocalEndPoint, 10));
            }

            int accepted = 0;
            for (int i = 0; accepted < clients; i++)
            {
                await CancelScope.MoveOnAfterAsync(
                    TimeSpan.FromMicroseconds(i % 5 * 20),
                    async _ =>
                    {
                        TcpConnection connection = await listener.AcceptAsync();
                        accepted++;
                        group.Spawn(() => EchoAsync(connection));
                    });
            }
        });
    });

    [ConformanceCase]
    public static void A_cancelled_connect_leaves_nothing_open(World world) => world.RunLoop(async () =>
    {
        await using TcpListener listener = TcpListener.Listen(s_anyPort);
        for (int i = 0; i < 50; i++)
        {
            await CancelScope.RunAsync(async scope =>
            {
                if (i % 3 == 0)
                {
                    scope.Cancel("the test wants it");
                }
                else
                {
                    EventLoop.Current.Post(() => scope.Cancel("the test wants it"));
                }

                await using TcpConnection connection = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
            });
        }
    });

    [ConformanceCase]
    public static void A_writer_waits_while_nobody_reads(World world) => world.RunLoop(async () =>
    {
        const int total = 64 * 1024 * 1024;
        await using TcpListener listener = TcpListener.Listen(s_anyPort);
        await TaskGroup.RunAsync(async group =>
        {
            long written = 0;
            group.Spawn(async () =>
            {
                await using TcpConnection sender = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
                while (written < total)
                {
                    Write(sender.Output, written, 32 * 1024);
                    written += 32 * 1024;
                    await sender.Output.FlushAsync();
                }

                await DrainAsync(sender);
            });
            await using TcpConnection receiver = await listener.AcceptAsync();
            long before = -1;
            while (before != written)
            {
                before = written;
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(20));
            }

            Assert.InRange(written, 1, total - 1);
            Assert.Equal(total, await ReceiveAllAsync(receiver, total));
            receiver.Output.Complete();
        });
    });

    [ConformanceCase]
    public static void Connections_that_keep_a_byte_unread_do_not_delay_a_normal_client(World world)
    {
        using (Rig rig = world.OpenRig())
        {
            ScaleCases.RequireDescriptors(rig);
        }

        world.RunLoop(async () =>
        {
            const int slow = 2000;
            await using TcpListener listener = TcpListener.Listen(s_anyPort);
            await TaskGroup.RunAsync(async group =>
            {
                group.Spawn(() => ServeLinesAsync(listener, group));
                var idle = new List<TcpConnection>();
                for (int i = 0; i < slow; i++)
                {
                    TcpConnection connection = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
                    idle.Add(connection);
                    await connection.Output.WriteAsync("G"u8.ToArray());
                }

                for (int i = 0; i < 20; i++)
                {
                    await AskForLineAsync(listener.LocalEndPoint);
                }

                idle.ForEach(static one => one.Abort());
                group.Cancel("the test is over");
            });
        });
    }

    // A simulation shuffles what is ready by its seed, and due timers are ready work; its own tests look at timers.
    [ConformanceCase(Needs = DriverCapabilities.RealWorld)]
    public static void Timers_fire_by_deadline_and_equal_ones_by_creation(World world) => world.RunLoop(async () =>
    {
        EventLoop loop = EventLoop.Current;
        var order = new List<int>();
        TimeSpan now = loop.Time;
        int[] milliseconds = [9, 3, 3, 7, 3, 1, 9, 1];
        for (int i = 0; i < milliseconds.Length; i++)
        {
            int index = i;
            loop.CallAt(now + TimeSpan.FromMilliseconds(milliseconds[i]), () => order.Add(index));
        }

        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(30));
        Assert.Equal([5, 7, 1, 2, 4, 3, 0, 6], order);
    });

    [ConformanceCase(Needs = DriverCapabilities.RealWorld)]
    public static void Posts_from_many_threads_all_run(World world) => world.RunLoop(async () =>
    {
        const int threads = 4;
        const int posts = 10_000;
        EventLoop loop = EventLoop.Current;
        int run = 0;
        var posters = new List<Thread>();
        for (int t = 0; t < threads; t++)
        {
            var poster = new Thread(() => PostMany(loop, posts, () => run++));
            poster.Start();
            posters.Add(poster);
        }

        var patience = new Patience(TimeSpan.FromSeconds(60));
        while (run < threads * posts && patience.Lasts)
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(threads * posts, run);
        posters.ForEach(static poster => poster.Join());
    });

    private static void PostMany(EventLoop loop, int count, Action action)
    {
        for (int i = 0; i < count; i++)
        {
            loop.PostFromAnyThread(action);
            if (i % 100 == 0)
            {
                // Gives the loop time to fall asleep, so that waking it is part of what is tested.
                Thread.Yield();
            }
        }
    }

    private static async Task EchoAsync(TcpConnection connection)
    {
        await using (connection)
        {
            while (true)
            {
                ReadResult result = await connection.Input.ReadAsync();
                foreach (ReadOnlyMemory<byte> piece in result.Buffer)
                {
                    await connection.Output.WriteAsync(piece);
                }

                connection.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return;
                }
            }
        }
    }

    private static async Task AskAsync(IPEndPoint endPoint, int bytes)
    {
        await using TcpConnection connection = await TcpConnection.ConnectAsync(endPoint);
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () =>
            {
                for (int sent = 0; sent < bytes; sent += Math.Min(10_000, bytes - sent))
                {
                    Write(connection.Output, sent, Math.Min(10_000, bytes - sent));
                    await connection.Output.FlushAsync();
                }

                connection.Output.Complete();
            });
            Assert.Equal(bytes, await ReceiveAllAsync(connection, bytes));
        });
    }

    private static async Task SendSlowlyAsync(IPEndPoint endPoint, int total)
    {
        await using TcpConnection connection = await TcpConnection.ConnectAsync(endPoint);
        for (int sent = 0; sent < total; sent += 10_000)
        {
            Write(connection.Output, sent, 10_000);
            await connection.Output.FlushAsync();
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
        }
    }

    private static async Task<long> ReceiveAllAsync(TcpConnection connection, long total)
    {
        long received = 0;
        while (received < total)
        {
            ReadResult result = await connection.Input.ReadAsync();
            received = CheckAll(result, received);
            connection.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                break;
            }
        }

        return received;
    }

    private static async Task DrainAsync(TcpConnection connection)
    {
        connection.Output.Complete();
        ReadResult result;
        do
        {
            result = await connection.Input.ReadAsync();
            connection.Input.AdvanceTo(result.Buffer.End);
        }
        while (!result.IsCompleted);
    }

    private static async Task ServeLinesAsync(TcpListener listener, TaskGroup group)
    {
        while (true)
        {
            TcpConnection accepted = await listener.AcceptAsync();
            group.Spawn(() => ServeLineAsync(accepted));
        }
    }

    /// <summary>Reads until a line end, without taking what came before it: the way of a parser of headers.</summary>
    private static async Task ServeLineAsync(TcpConnection connection)
    {
        await using (connection)
        {
            while (true)
            {
                ReadResult result;
                try
                {
                    result = await connection.Input.ReadAsync();
                }
                catch (IOException)
                {
                    // The slow clients end with a reset.
                    return;
                }

                bool complete = System.Buffers.BuffersExtensions.PositionOf(result.Buffer, (byte)'\n') is not null;
                connection.Input.AdvanceTo(complete ? result.Buffer.End : result.Buffer.Start, result.Buffer.End);
                if (complete)
                {
                    await connection.Output.WriteAsync("OK\n"u8.ToArray());
                }

                if (result.IsCompleted)
                {
                    return;
                }
            }
        }
    }

    private static async Task AskForLineAsync(IPEndPoint endPoint)
    {
        await using TcpConnection connection = await TcpConnection.ConnectAsync(endPoint);
        await connection.Output.WriteAsync("GET\n"u8.ToArray());
        ReadResult result = await connection.Input.ReadAtLeastAsync(3);
        Assert.Equal(3, result.Buffer.Length);
        connection.Input.AdvanceTo(result.Buffer.End);
    }

    private static void Write(PipeWriter output, long position, int count)
    {
        foreach (ReadOnlyMemory<byte> piece in Pattern.Of(1, position, count))
        {
            System.Buffers.BuffersExtensions.Write(output, piece.Span);
        }
    }

    private static long CheckAll(ReadResult result, long position)
    {
        foreach (ReadOnlyMemory<byte> piece in result.Buffer)
        {
            Assert.True(Pattern.Matches(1, position, piece.Span), $"The bytes at {position} aren't those that were sent.");
            position += piece.Length;
        }

        return position;
    }
}
