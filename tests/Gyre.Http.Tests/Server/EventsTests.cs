using System.Text;
using Gyre.Http.Fields;

namespace Gyre.Http.Tests.Server;

public sealed class EventsTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public async Task Events_are_sent_and_the_connection_goes_on()
    {
        using TestServer server = await StartAsync(static context => context.Response.SendEventsAsync(static async writer =>
        {
            await writer.SendAsync("one\r\ntwo");
            await writer.SendCommentAsync("said");
            await writer.SendAsync(new ServerSentEvent("three") { Event = "e", Id = "7", Retry = TimeSpan.FromSeconds(2) });
            await writer.SendCommentAsync($"{writer.EventsSent}");
        }));
        using HttpPeer peer = await server.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            Answer answer = await peer.AskAsync(Get);

            Assert.Equal("text/event-stream", answer["Content-Type"]);
            Assert.Equal("no-store", answer["Cache-Control"]);
            Assert.Equal("no", answer["X-Accel-Buffering"]);
            Assert.Equal("data: one\ndata: two\n\n: said\n\nevent: e\nid: 7\nretry: 2000\ndata: three\n\n: 2\n\n", answer.Text);
        }

        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task A_sequence_of_events_is_sent_as_it_comes()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async IAsyncEnumerable<ServerSentEvent> Events()
        {
            yield return new ServerSentEvent("first");
            await gate.Task;
            yield return new ServerSentEvent("second");
        }

        using TestServer server = await StartAsync(context => context.Response.SendEventsAsync(Events()));
        using HttpPeer peer = await server.ConnectAsync();
        await peer.SendAsync(Get);

        await peer.ReceiveHeadAsync();
        Assert.Equal("d\r\ndata: first\n\n\r\n", Encoding.ASCII.GetString(await peer.ReceiveExactlyAsync(18)));
        gate.SetResult();
        Assert.Equal("data: second\n\n", Encoding.ASCII.GetString(await peer.ReceiveChunksAsync()));
    }

    [Fact]
    public async Task The_head_goes_out_before_the_first_event()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using TestServer server = await StartAsync(context => context.Response.SendEventsAsync(async writer =>
        {
            await gate.Task;
            await writer.SendAsync("late");
        }));
        using HttpPeer peer = await server.ConnectAsync();
        await peer.SendAsync(Get);

        Assert.StartsWith("HTTP/1.1 200", await peer.ReceiveHeadAsync(), StringComparison.Ordinal);
        gate.SetResult();
        Assert.Equal("data: late\n\n", Encoding.ASCII.GetString(await peer.ReceiveChunksAsync()));
    }

    [Fact]
    public async Task Head_gets_the_head_alone()
    {
        using TestServer server = await StartAsync(static context =>
            context.Response.SendEventsAsync(static _ => throw new InvalidOperationException("not for HEAD")));
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", isHead: true);

        Assert.Equal((200, "text/event-stream"), (answer.Status, answer["Content-Type"]));
        Assert.Empty(server.Log);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-2)]
    public void A_heart_beat_without_a_pause_is_refused(int seconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new EventsOptions { HeartBeat = TimeSpan.FromSeconds(seconds) });

    /// <summary>Virtual time: 10 s after an event nothing was sent yet, and a silent minute has as many comments as it has room for.</summary>
    [Fact]
    public void Silence_is_filled_with_comments_and_nothing_else_is() => InLoop.Simulate(
        Server(static context => context.Response.SendEventsAsync(static async writer =>
        {
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(10));
            await writer.SendAsync("a");
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(10));
            await writer.SendAsync("b");
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(50));
            await writer.SendAsync("c");
        })),
        async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            Assert.Equal("data: a\n\ndata: b\n\n:\n\n:\n\n:\n\ndata: c\n\n", (await peer.AskAsync(Get)).Text);
        });

    [Fact]
    public void Without_heart_beats_silence_is_silent() => InLoop.Simulate(
        Server(static context => context.Response.SendEventsAsync(
            static async writer =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromHours(1));
                await writer.SendAsync("a");
            },
            new EventsOptions { HeartBeat = Timeout.InfiniteTimeSpan })),
        async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            Assert.Equal("data: a\n\n", (await peer.AskAsync(Get)).Text);
        });

    [Fact]
    public void A_client_that_goes_away_ends_the_body_and_its_heart_beats()
    {
        int ended = 0;
        InLoop.Simulate(
            Server(context => context.Response.SendEventsAsync(async writer =>
            {
                try
                {
                    await writer.SendAsync("a");
                    await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                }
                finally
                {
                    ended++;
                }
            })),
            async endPoint =>
            {
                int before = ended;
                using (HttpPeer peer = await InLoop.ConnectAsync(endPoint))
                {
                    await peer.SendAsync(Get);
                    await peer.ReceiveHeadAsync();
                }

                await Coroutine.SleepAsync(TimeSpan.FromSeconds(1));
                Assert.Equal(before + 1, ended);
            });
    }

    [Fact]
    public async Task A_body_that_fails_breaks_the_stream_and_is_logged()
    {
        using TestServer server = await StartAsync(static context => context.Response.SendEventsAsync(static async writer =>
        {
            await writer.SendAsync("a");
            throw new InvalidOperationException("midway");
        }));
        using HttpPeer peer = await server.ConnectAsync();

        await peer.SendAsync(Get);

        await peer.ReceiveBreakAsync();
        Assert.Contains("midway", Assert.Single(server.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_cant_be_sent_leaves_the_stream_whole()
    {
        using TestServer server = await StartAsync(static context => context.Response.SendEventsAsync(static async writer =>
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await writer.SendAsync(new ServerSentEvent("x") { Event = "a\nb" }));
            await Assert.ThrowsAsync<ArgumentException>(async () => await writer.SendAsync(default(ServerSentEvent)));
            await writer.SendAsync($"{writer.EventsSent}");
        }));
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal("data: 0\n\n", (await peer.AskAsync(Get)).Text);
        Assert.Empty(server.Log);
    }

    /// <summary>The client reads nothing at first, so that flushes have to wait while others want to send, heart-beats too.</summary>
    [Fact]
    public void Several_writers_and_heart_beats_take_turns_behind_a_slow_client() => InLoop.Simulate(
        Server(static context => context.Response.SendEventsAsync(
            static writer => new ValueTask(TaskGroup.RunAsync(group =>
            {
                for (int i = 0; i < 3; i++)
                {
                    string data = new((char)('a' + i), 100_000);
                    group.Spawn(async () =>
                    {
                        for (int j = 0; j < 5; j++)
                        {
                            await writer.SendAsync(data);
                        }
                    });
                }

                return Task.CompletedTask;
            })),
            new EventsOptions { HeartBeat = TimeSpan.FromMilliseconds(1) })),
        async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            await peer.SendAsync(Get);
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(3));

            string[] events = (await peer.ReceiveAsync()).Text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);

            string[] whole = ["data: " + new string('a', 100_000), "data: " + new string('b', 100_000), "data: " + new string('c', 100_000), ":"];
            Assert.All(events, text => Assert.True(whole.Contains(text), $"An event of {text.Length} characters isn't whole."));
            Assert.Equal(15, events.Count(text => text != ":"));
        });

    private static HttpServer Server(HttpHandler handler)
    {
        var server = new HttpServer(new HttpServerOptions { DrainTimeout = TimeSpan.Zero });
        server.Map("/", handler);
        return server;
    }

    private static Task<TestServer> StartAsync(HttpHandler handler) => TestServer.StartAsync(server => server.Map("/", handler));
}
