using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.Middleware;

public sealed class AccessLogTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData("GET /a?b=\"c\\d HTTP/1.1\r\nHost: a\r\n\r\n", "\"GET /a?b=\\x22c\\x5Cd HTTP/1.1\" 404 9")]
    [InlineData("GET / HTTP/1.0\r\n\r\n", "\"GET / HTTP/1.0\" 200 13")]
    [InlineData("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "\"HEAD / HTTP/1.1\" 200 -")]
    [InlineData("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n", "\"GET /throw HTTP/1.1\" 500 -")]
    [InlineData("GET /teapot HTTP/1.1\r\nHost: a\r\n\r\n", "\"GET /teapot HTTP/1.1\" 418 -")]
    [InlineData("GET /pipe HTTP/1.1\r\nHost: a\r\n\r\n", "\"GET /pipe HTTP/1.1\" 200 5")]
    [InlineData("GET /none HTTP/1.1\r\nHost: a\r\n\r\n", "\"GET /none HTTP/1.1\" 204 -")]
    public async Task A_common_line_says_who_asked_what_and_got_what(string request, string expected)
    {
        string line = await LogOfAsync(new AccessLogOptions(), request);

        Match match = Regex.Match(line, """^127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\] (.*)$""");
        Assert.True(match.Success, line);
        Assert.Equal(expected, match.Groups[1].Value);
    }

    [Fact]
    public async Task A_combined_line_cant_be_forged()
    {
        string line = await LogOfAsync(
            new AccessLogOptions { Format = AccessLogFormat.Combined, AppendsDurationAndId = true },
            "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: x\" 200 1\t\u00ff\\\r\nReferer: http://b/\r\n\r\n");

        Assert.Matches("""\+0000\] "GET / HTTP/1\.1" 200 13 "http://b/" "x\\x22 200 1\\x09\\xFF\\x5C" \d+ \S+$""", line);
    }

    [Fact]
    public async Task A_line_of_json_is_json_whatever_comes_in()
    {
        string line = await LogOfAsync(
            new AccessLogOptions { Format = AccessLogFormat.Json, FieldBytesMax = 64 },
            $"GET /{new string('"', 500)} HTTP/1.1\r\nHost: a\r\nUser-Agent: \"}}\t\u00e9\\\r\n\r\n");

        using JsonDocument json = JsonDocument.Parse(line);
        JsonElement root = json.RootElement;
        Assert.Equal("/" + new string('"', 63), root.GetProperty("target").GetString());
        Assert.Equal("\"}\t\u00e9\\", root.GetProperty("userAgent").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("referer").ValueKind);
        Assert.Equal(404, root.GetProperty("status").GetInt32());
        Assert.Equal("127.0.0.1", root.GetProperty("client").GetString());
        Assert.True(root.GetProperty("micros").GetInt64() >= 0);
        Assert.NotEqual(default, root.GetProperty("time").GetDateTime());
    }

    [Fact]
    public async Task A_request_id_with_quotes_fits_and_stays_in_its_field()
    {
        var sink = new ListSink();
        using (TestServer server = await TestServer.StartAsync(server => server
            .UseAccessLog(new AccessLogOptions { Sink = sink, Format = AccessLogFormat.Json })
            .Use((context, next) =>
            {
                context.RequestId = new string('"', 128);
                return next(context);
            })
            .Get("/", Handlers.Hello)))
        {
            using HttpPeer peer = await server.ConnectAsync();
            await peer.AskAsync(Get);
        }

        using JsonDocument json = JsonDocument.Parse(Assert.Single(sink.Lines));
        Assert.Equal(new string('"', 128), json.RootElement.GetProperty("requestId").GetString());
    }

    [Fact]
    public async Task A_client_that_went_away_is_499()
    {
        var sink = new ListSink();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (TestServer server = await TestServer.StartAsync(server => server
            .UseAccessLog(new AccessLogOptions { Sink = sink })
            .Get("/", async _ =>
            {
                begun.SetResult();
                try
                {
                    await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                }
                finally
                {
                    ended.SetResult();
                }
            })))
        {
            using HttpPeer peer = await server.ConnectAsync();
            await peer.SendAsync(Get);
            await begun.Task.OrFail();
            peer.Reset();
            await ended.Task.OrFail();
        }

        Assert.EndsWith("\" 499 -", Assert.Single(sink.Lines), StringComparison.Ordinal);
        Assert.StartsWith("127.0.0.1 ", Assert.Single(sink.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Behind_the_drain_every_line_of_every_loop_is_written()
    {
        var sink = new ListSink();
        const int Requests = 2000;
        using (TestServer server = await TestServer.StartAsync(
            server => server.UseAccessLog(new AccessLogOptions { Sink = sink }).Get("/", Handlers.Hello),
            new HttpServerOptions { DrainIdleTime = TimeSpan.Zero },
            loops: 2))
        {
            using HttpPeer one = await server.ConnectAsync();
            using HttpPeer other = await server.ConnectAsync();
            for (int i = 0; i < Requests / 2; i++)
            {
                await one.AskAsync(Get);
                await other.AskAsync(Get);
            }
        }

        Assert.Equal(Requests, sink.Lines.Count);
    }

    [Fact]
    public void In_virtual_time_lines_are_stamped_and_written_within_a_second()
    {
        var sink = new ListSink();
        HttpServer server = new HttpServer(new HttpServerOptions { Logger = LineLogger.Silent })
            .UseAccessLog(new AccessLogOptions { Sink = sink, AppendsDurationAndId = true })
            .Get("/", async context =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromSeconds(2));
                context.Response.Send("slow"u8);
            });

        InLoop.Simulate(server, async endPoint =>
        {
            sink.Lines.Clear();
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            await peer.AskAsync(Get);
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(1.1));
            string[] fields = Assert.Single(sink.Lines).Split(' ');
            Assert.InRange(long.Parse(fields[^2], System.Globalization.CultureInfo.InvariantCulture), 2_000_000, 2_000_100);
            Assert.Contains(EventLoop.Current.Clock.GetUtcNow().ToString("yyyy:HH", System.Globalization.CultureInfo.InvariantCulture), fields[3]);
        });
    }

    [Fact]
    public void A_sink_that_hangs_costs_lines_not_memory_and_that_is_said()
    {
        InLoop.Simulate(
            ServerWith(out List<string> log, async () => await Coroutine.SleepAsync(TimeSpan.FromHours(1))),
            async endPoint =>
            {
                log.Clear();
                using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
                string request = $"GET /{new string('x', 4000)} HTTP/1.1\r\nHost: a\r\n\r\n";
                for (int i = 0; i < 300; i++)
                {
                    Assert.Equal(404, (await peer.AskAsync(request)).Status);
                }

                await Coroutine.SleepAsync(TimeSpan.FromHours(3));
                Assert.Contains(log, static line => line.Contains("access log dropped", StringComparison.Ordinal));
            });
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(3600, false)]
    public void A_sink_that_takes_its_time_whatever_ends_around_it_has_five_seconds_behind_the_server(int seconds, bool writes)
    {
        var sink = new ListSink
        {
            Gate = () =>
            {
                var time = new TaskCompletionSource();
                EventLoop.Current.CallLater(TimeSpan.FromSeconds(seconds), time.SetResult);
                return new ValueTask(time.Task);
            },
        };
        var log = new List<string>();
        HttpServer server = new HttpServer(new HttpServerOptions { Logger = new LineLogger(log.Add) })
            .UseAccessLog(new AccessLogOptions { Sink = sink })
            .Get("/", Handlers.Hello);
        InLoop.Simulate(
            server,
            async endPoint =>
            {
                using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
                await peer.AskAsync(Get);
                await Coroutine.SleepAsync(TimeSpan.FromSeconds(1.5));
                await peer.AskAsync(Get);
            });

        // Of two batches the first is waited for, if it ends within the bound; that the second is lost is said.
        Assert.Equal(writes, !sink.Lines.IsEmpty);
        Assert.Contains(log, static line => line.Contains("lines are lost: its sink hadn't taken them", StringComparison.Ordinal));
    }

    [Fact]
    public void A_sink_whose_own_time_out_strikes_costs_lines_and_not_the_server()
    {
        InLoop.Simulate(
            ServerWith(out List<string> log, static () => throw new TaskCanceledException("the collector is slow")),
            async endPoint =>
            {
                log.Clear();
                using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
                await peer.AskAsync(Get);
                await Coroutine.SleepAsync(TimeSpan.FromSeconds(3));
                Assert.Contains(log, static line => line.Contains("the collector is slow", StringComparison.Ordinal));
                Assert.NotEqual(0, (await peer.AskAsync(Get)).Status);
            });
    }

    [Fact]
    public async Task A_sink_that_fails_is_logged_and_the_server_goes_on()
    {
        using TestServer server = await TestServer.StartAsync(static server => server
            .UseAccessLog(new AccessLogOptions { Sink = new ListSink { Gate = static () => throw new IOException("disk full") } })
            .Get("/", Handlers.Hello));
        using HttpPeer peer = await server.ConnectAsync();
        await peer.AskAsync(Get);
        server.Stop();
        Assert.Contains(server.Log, static line => line.Contains("disk full", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_is_moved_away_is_made_anew()
    {
        string folder = Directory.CreateTempSubdirectory("gyre-log").FullName;
        try
        {
            string path = Path.Combine(folder, "access.log");
            var options = new AccessLogOptions { Sink = AccessLogSink.ToFile(path) };
            await AskOnceAsync(options);
            File.Move(path, path + ".1");
            await AskOnceAsync(options);
            await AskOnceAsync(options);

            Assert.Single(await File.ReadAllLinesAsync(path + ".1", TestContext.Current.CancellationToken));
            Assert.Equal(2, (await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken)).Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_stream_takes_whole_batches_of_several_loops()
    {
        using var stream = new MemoryStream();
        await AskOnceAsync(new AccessLogOptions { Sink = AccessLogSink.ToStream(stream) });
        Assert.EndsWith("\" 200 13\n", Encoding.ASCII.GetString(stream.ToArray()), StringComparison.Ordinal);
    }

    private static HttpServer ServerWith(out List<string> log, Func<ValueTask> gate)
    {
        var lines = new List<string>();
        log = lines;
        return new HttpServer(new HttpServerOptions { Logger = new LineLogger(lines.Add) })
            .UseAccessLog(new AccessLogOptions { Sink = new ListSink { Gate = gate }, BufferBytesMax = 64 * 1024, FieldBytesMax = 2048 });
    }

    private static async Task AskOnceAsync(AccessLogOptions options)
    {
        using TestServer server = await TestServer.StartAsync(server => server.UseAccessLog(options).Get("/", Handlers.Hello));
        using HttpPeer peer = await server.ConnectAsync();
        await peer.AskAsync(Get);
    }

    private static async Task<string> LogOfAsync(AccessLogOptions options, string request)
    {
        var sink = new ListSink();
        using (TestServer server = await TestServer.StartAsync(server => server
            .UseAccessLog(options with { Sink = sink })
            .Get("/", Handlers.Hello)
            .Get("/throw", static _ => throw new InvalidOperationException())
            .Get("/teapot", static _ => throw new HttpException(418))
            .Get("/none", static context =>
            {
                context.Response.StatusCode = 204;
                return default;
            })
            .Get("/pipe", static context =>
            {
                "piped"u8.CopyTo(context.Response.Body.GetSpan(5));
                context.Response.Body.Advance(5);
                return default;
            })))
        {
            using HttpPeer peer = await server.ConnectAsync();
            await peer.AskAsync(request, isHead: request.StartsWith("HEAD", StringComparison.Ordinal));
        }

        return Assert.Single(sink.Lines);
    }
}
