using System.IO.Pipelines;
using System.Net;
using Gyre.Drivers;
using Gyre.Net;

namespace Gyre.Tests;

/// <summary>
/// A whole exchange (listen, accept, connect, several requests, half-close) cancelled after every number of turns that it
/// takes. Wherever the cancellation strikes, no connection, buffer, timer or coroutine is left.
/// </summary>
public sealed class CancellationSweepTests
{
    /// <summary>More turns than the exchange takes; the sweep ends earlier, at the first that isn't cut short.</summary>
    private const int TurnsMax = 5000;

    [Theory]
    [InlineData("all")]
    [InlineData("client")]
    [InlineData("server")]
    public void Cancelled_after_any_number_of_turns_nothing_is_left(string who) => OnLoop.Run(async () =>
    {
        int cutShort = 0;
        for (int turns = 0; turns < TurnsMax; turns++)
        {
            bool whole = await ExchangeAsync(who, turns);
            await NothingIsLeftAsync();
            if (whole)
            {
                break;
            }

            cutShort++;
        }

        Assert.InRange(cutShort, 5, TurnsMax - 1);
    });

    [Fact]
    public void Cancelled_at_random_moments_many_exchanges_at_once_leave_nothing() => OnLoop.Run(async () =>
    {
        var random = new Random(20);
        for (int round = 0; round < 20; round++)
        {
            await TaskGroup.RunAsync(group =>
            {
                for (int i = 0; i < 20; i++)
                {
                    int turns = random.Next(200);
                    string who = i % 3 == 0 ? "all" : i % 3 == 1 ? "client" : "server";
                    group.Spawn(() => ExchangeAsync(who, turns));
                }

                return Task.CompletedTask;
            });
            await NothingIsLeftAsync();
        }
    });

    private static async Task<bool> ExchangeAsync(string who, int turns)
    {
        bool whole = false;
        using var done = new CancellationTokenSource();
        Task? cancelling = null;
        await CancelScope.RunAsync(async all =>
        {
            CancelScope? client = null;
            CancelScope? server = null;
            cancelling = CancelAfterAsync(turns, () => (who == "client" ? client : who == "server" ? server : all)?.Cancel(), done.Token);
            var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
            IPEndPoint address = listener.LocalEndPoint;
            try
            {
                await TaskGroup.RunAsync(group =>
                {
                    group.Spawn(() => CancelScope.RunAsync(scope =>
                    {
                        server = scope;
                        return ServeAsync(listener);
                    }));
                    group.Spawn(() => CancelScope.RunAsync(async scope =>
                    {
                        client = scope;
                        await CallAsync(address);
                        whole = true;
                    }));
                    return Task.CompletedTask;
                });
            }
            catch (Exception broken) when (broken is IOException or EndOfStreamException or System.Net.Sockets.SocketException)
            {
                // The peer's end, which the cancellation brought about.
            }
        });
        whole &= !done.IsCancellationRequested;
        await done.CancelAsync();
        return await WasInTimeAsync(cancelling!) && whole;
    }

    /// <summary>Cancels after a number of turns, from outside all scopes of the exchange; ends early, as cancelled, with the exchange.</summary>
    private static async Task CancelAfterAsync(int turns, Action cancel, CancellationToken done)
    {
        await CancelScope.RunAsync(async shielded =>
        {
            shielded.Shield = true;
            for (int i = 0; i < turns; i++)
            {
                done.ThrowIfCancellationRequested();
                await Coroutine.YieldAsync();
            }

            cancel();
        });
    }

    private static async Task<bool> WasInTimeAsync(Task cancelling)
    {
        try
        {
            await cancelling;
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private static async Task ServeAsync(TcpListener listener)
    {
        // Closed with the server: a client that nobody accepts is turned away rather than left waiting.
        await using TcpListener closing = listener;
        await using TcpConnection connection = await listener.AcceptAsync();
        await connection.Input.CopyToAsync(connection.Output);
        await connection.Output.CompleteAsync();
    }

    private static async Task CallAsync(IPEndPoint address)
    {
        await using TcpConnection connection = await TcpConnection.ConnectAsync(address);
        for (int i = 1; i <= 5; i++)
        {
            int size = i * 7000;
            await connection.Output.WriteAsync(new byte[size]);
            ReadResult answer = await connection.Input.ReadAtLeastAsync(size);
            if (answer.Buffer.Length < size)
            {
                throw new EndOfStreamException();
            }

            connection.Input.AdvanceTo(answer.Buffer.End);
        }

        await connection.Output.CompleteAsync();
        Assert.Equal(0, await Bytes.CountToEndAsync(connection.Input));
    }

    private static async Task NothingIsLeftAsync()
    {
        EventLoop loop = EventLoop.Current;
        await CancelScope.FailAfterAsync(OnLoop.HangBound / 2, async _ =>
        {
            await OnLoop.UntilAsync(() =>
            {
                DriverStatistics driver = loop.Driver.Statistics;
                return driver.Connections == 0 && driver.BuffersHeld == 0 && loop.Statistics.BuffersRented == 0 &&
                    loop.LingeringCloses == 0;
            });
        });
        Assert.Equal(0, loop.Statistics.TimersPending);
        Assert.Empty(Coroutine.Current!.Children);
    }
}
