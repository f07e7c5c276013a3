using System.IO.Pipelines;
using System.Net;
using System.Text;
using Gyre.Http;
using Gyre.Net;
using Xunit;

namespace Gyre.Simulation.Tests;

public sealed class HttpOverSimulationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_server_answers_in_the_simulated_world(int seed)
    {
        string answer = "";
        SimulatedRuntime.Run(seed, () => TaskGroup.RunAsync(async group =>
        {
            var address = new IPEndPoint(IPAddress.Loopback, 8080);
            Coroutine server = Serve(group, address, new HttpServerOptions());
            await using TcpConnection client = await ConnectAsync(address);
            await client.Output.WriteAsync("GET / HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\r\n"u8.ToArray());
            answer = await ReadToEndAsync(client);
            server.Cancel();
        }));

        Assert.StartsWith("HTTP/1.1 200 OK\r\nDate: Sat, 01 Jan 2000 00:00:0", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nHello", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_that_trickles_is_cut_off_by_its_deadline_and_not_reset_by_a_byte()
    {
        string answer = "";
        TimeSpan took = default;
        SimulatedRuntime.Run(1, () => TaskGroup.RunAsync(async group =>
        {
            var address = new IPEndPoint(IPAddress.Loopback, 8080);
            Coroutine server = Serve(group, address, new HttpServerOptions());
            await using TcpConnection client = await ConnectAsync(address);
            TimeSpan began = EventLoop.Current.Time;
            Coroutine trickle = group.Spawn(async () =>
            {
                while (true)
                {
                    await client.Output.WriteAsync("G"u8.ToArray());
                    await Coroutine.SleepAsync(TimeSpan.FromSeconds(1));
                }
            });
            answer = await ReadToEndAsync(client);
            took = EventLoop.Current.Time - began;
            trickle.Cancel();
            server.Cancel();
        }));

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.InRange(took, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(18));
    }

    [Fact]
    public void A_silent_connection_is_closed_without_a_word()
    {
        string answer = "unset";
        TimeSpan took = default;
        SimulatedRuntime.Run(1, () => TaskGroup.RunAsync(async group =>
        {
            var address = new IPEndPoint(IPAddress.Loopback, 8080);
            Coroutine server = Serve(group, address, new HttpServerOptions());
            await using TcpConnection client = await ConnectAsync(address);
            TimeSpan began = EventLoop.Current.Time;
            answer = await ReadToEndAsync(client);
            took = EventLoop.Current.Time - began;
            server.Cancel();
        }));

        Assert.Equal("", answer);
        Assert.InRange(took, TimeSpan.FromSeconds(130), TimeSpan.FromSeconds(133));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Each_request_on_a_kept_connection_begins_its_silence_anew(int seed)
    {
        string answers = "";
        TimeSpan silence = default;
        DateTimeOffset ended = default;
        SimulatedRuntime.Run(seed, () => TaskGroup.RunAsync(async group =>
        {
            var address = new IPEndPoint(IPAddress.Loopback, 8080);
            Coroutine server = Serve(group, address, new HttpServerOptions { KeepAliveTimeout = TimeSpan.FromHours(1) });
            await using TcpConnection client = await ConnectAsync(address);
            Task<string> all = ReadToEndAsync(client);
            for (int i = 0; i < 24; i++)
            {
                // Together a day, each by itself shorter than the time-out.
                await Coroutine.SleepAsync(TimeSpan.FromMinutes(59.5));
                await client.Output.WriteAsync("GET / HTTP/1.1\r\nHost: sim\r\n\r\n"u8.ToArray());
            }

            TimeSpan last = EventLoop.Current.Time;
            answers = await all;
            silence = EventLoop.Current.Time - last;
            ended = EventLoop.Current.Clock.GetUtcNow();
            server.Cancel();
        }));

        Assert.Equal(24, answers.Split("\r\n\r\nHello").Length - 1);
        Assert.DoesNotContain("408", answers, StringComparison.Ordinal);
        Assert.Contains("Date: Sat, 01 Jan 2000 23:48:0", answers, StringComparison.Ordinal);
        Assert.InRange(silence, TimeSpan.FromHours(1), TimeSpan.FromHours(1) + TimeSpan.FromSeconds(2));
        Assert.Equal(new DateTimeOffset(2000, 1, 2, 0, 48, 0, TimeSpan.Zero), ended, TimeSpan.FromSeconds(2));
    }

    private static Coroutine Serve(TaskGroup group, IPEndPoint address, HttpServerOptions options)
    {
        var server = new HttpServer(options);
        server.Get("/", context =>
        {
            context.Response.Send("Hello"u8);
            return default;
        });
        return group.SpawnNow(() => server.ServeAsync(address), "server");
    }

    private static ValueTask<TcpConnection> ConnectAsync(IPEndPoint address) => TcpConnection.ConnectAsync(address);

    private static async Task<string> ReadToEndAsync(TcpConnection connection)
    {
        var text = new StringBuilder();
        while (true)
        {
            ReadResult read = await connection.Input.ReadAsync();
            foreach (ReadOnlyMemory<byte> memory in read.Buffer)
            {
                text.Append(Encoding.ASCII.GetString(memory.Span));
            }

            connection.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return text.ToString();
            }
        }
    }
}
