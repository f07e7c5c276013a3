using System.Text;
using Gyre.Simulation;

namespace Gyre.Http.Tests.Server;

/// <summary>
/// The server gives up a silent connection in the moment in which the client's next request arrives. No protocol can avoid
/// the race (RFC 9112, 9.5); what the client must never see is half an answer, or none for a request that was served.
/// </summary>
public sealed class KeepAliveRaceTests
{
    private const string Request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private const string Body = "Hello, World!";

    /// <summary>Enough orders of the events, at each distance, to meet both outcomes.</summary>
    private const int Seeds = 20;

    /// <summary>Turns before the request is sent; the deadline comes in each of the turns before, in and after that one.</summary>
    private const int TurnsBefore = 5;

    private const int TurnsMax = 15;

    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(1);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void There_is_one_answer_or_a_clean_end(int pieces)
    {
        int answered = 0;
        int refused = 0;
        for (int seed = 1; seed <= Seeds; seed++)
        {
            for (int turns = 0; turns <= TurnsMax; turns++)
            {
                (string text, int served) = Race(seed, turns, pieces);
                string where = $"Seed {seed}, deadline after {turns} turns, {pieces} pieces: {served} served, received '{text}'.";
                Assert.True(IsNothing(text, served) || IsOneAnswer(text, served), where);
                answered += served;
                refused += 1 - served;
            }
        }

        Assert.True(answered > 0 && refused > 0, $"The race has one winner only: {answered} answered, {refused} refused.");
    }

    private static bool IsNothing(string text, int served) => served == 0 && text.Length == 0;

    /// <summary>Whole, and nothing behind it: neither a second answer nor a time-out's.</summary>
    private static bool IsOneAnswer(string text, int served) =>
        served == 1 && text.StartsWith("HTTP/1.1 200 OK\r\n", StringComparison.Ordinal) &&
        text.EndsWith($"\r\n\r\n{Body}", StringComparison.Ordinal) && text.Split("HTTP/1.1").Length == 2;

    /// <summary>One request on a connection that has been used and was silent until its deadline; all that came back for it.</summary>
    private static (string Text, int Served) Race(int seed, int turns, int pieces)
    {
        int served = 0;
        string text = "";
        var server = new HttpServer(new HttpServerOptions { KeepAliveTimeout = s_idle, Logger = LineLogger.Silent });
        server.Map("/", context =>
        {
            served++;
            return Handlers.Hello(context);
        });
        StallingDriver? driver = null;
        var network = new SimulatedNetwork(new SimulationOptions { Seed = seed });
        var options = new RuntimeOptions { DriverFactory = () => driver = new StallingDriver(network.CreateDriver()), HandleSignals = false };
        GyreRuntime.Run(
            () => InLoop.ServeAsync(server, async endPoint =>
            {
                using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
                Assert.Equal(Body, (await peer.AskAsync(Request)).Text);
                served = 0;

                // Deadlines are looked at on the full second; the first one that may end this connection is the second.
                await Coroutine.SleepAsync((s_idle * 2) - s_moment - EventLoop.Current.Time);
                await TaskGroup.RunAsync(async group =>
                {
                    group.Spawn(async () =>
                    {
                        await PassAsync(turns);
                        driver!.Stall(s_moment);
                    });
                    await PassAsync(TurnsBefore);
                    text = await SendAndReceiveAsync(peer, pieces);
                });
            }),
            options);
        return (text, served);
    }

    private static async Task PassAsync(int turns)
    {
        for (int i = 0; i < turns; i++)
        {
            await Coroutine.YieldAsync();
        }
    }

    private static async Task<string> SendAndReceiveAsync(HttpPeer peer, int pieces)
    {
        byte[] request = Encoding.ASCII.GetBytes(Request);
        int length = (request.Length + pieces - 1) / pieces;
        for (int start = 0; start < request.Length; start += length)
        {
            await peer.SendAsFarAsPossibleAsync(request.AsMemory(start, Math.Min(length, request.Length - start)));
            await Coroutine.YieldAsync();
        }

        try
        {
            return Encoding.ASCII.GetString(await peer.ReceiveRestAsync());
        }
        catch (IOException)
        {
            // The request reached an end that was closed: a reset, with nothing before it.
            return "";
        }
    }
}
