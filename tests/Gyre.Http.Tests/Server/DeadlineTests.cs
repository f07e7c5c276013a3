using System.Net;
using System.Text;

namespace Gyre.Http.Tests.Server;

/// <summary>Every deadline, in virtual time: none comes early, none more than a second late.</summary>
public sealed class DeadlineTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private static TimeSpan Now => EventLoop.Current.Time;

    [Fact]
    public void A_head_that_comes_byte_by_byte_is_given_up_in_spite_of_its_bytes() => Simulate(
        Handlers.Hello,
        new HttpServerOptions { HeaderTimeout = Short },
        async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            TimeSpan began = Now;
            Task<Answer> answer = peer.ReceiveAsync();
            await DripAsync(peer, "GET / HTTP/1.1\r\nX: ", "y", () => answer.IsCompleted);

            Assert.Equal(408, (await answer).Status);
            VerifyTook(Short, began);
            await peer.ReceiveEndAsync();

            // What it had on its way meanwhile is still taken, so that no reset destroys the answer.
            await DripAsync(peer, "", "y", () => Now - began > Short * 4);
        });

    [Fact]
    public void The_head_of_a_later_request_has_its_own_deadline() => Simulate(
        Handlers.Hello,
        new HttpServerOptions { HeaderTimeout = Short },
        async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            for (int i = 0; i < 6; i++)
            {
                // Together longer than one head may take; each by itself isn't.
                await peer.SendAsync(Get[..7]);
                await Coroutine.SleepAsync(Short / 2);
                Assert.Equal(200, (await peer.AskAsync(Get[7..])).Status);
            }

            Answer late = await peer.AskAsync(Get + "GET");
            Assert.Equal(200, late.Status);
            Assert.Equal(408, (await peer.ReceiveAsync()).Status);
        });

    [Theory]
    [InlineData("")]
    [InlineData(Get)]
    [InlineData("GET /suspends HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")]
    public void A_silent_connection_is_closed_without_a_word(string before) => Simulate(
        Handlers.Hello,
        new HttpServerOptions { KeepAliveTimeout = Short },
        async endPoint =>
        {
            TimeSpan began = Now;
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            if (before.Length > 0)
            {
                Assert.Equal(200, (await peer.AskAsync(before)).Status);
            }

            await peer.ReceiveEndAsync();

            VerifyTook(Short, began);
        });

    [Fact]
    public void A_request_that_comes_in_the_moment_of_the_deadline_is_served_or_the_peer_learns_that_it_isnt()
    {
        int served = 0;
        int answered = 0;
        Simulate(
            context =>
            {
                served++;
                return Handlers.Hello(context);
            },
            new HttpServerOptions { KeepAliveTimeout = Short },
            async endPoint =>
            {
                using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
                await Coroutine.SleepAsync((Short * 2) - Now);
                await peer.SendAsync(Get);
                try
                {
                    answered += (await peer.ReceiveRestAsync()).Length > 0 ? 1 : 0;
                }
                catch (IOException)
                {
                    // It came after the connection was closed.
                }
            });
        Assert.Equal(served, answered);
    }

    [Fact]
    public void A_handler_may_take_longer_than_any_deadline() => Simulate(
        async context =>
        {
            await Coroutine.SleepAsync(Short * 3);
            context.Response.Send("late");
        },
        new HttpServerOptions { KeepAliveTimeout = Short, HeaderTimeout = Short, BodyGrace = TimeSpan.Zero },
        async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            Assert.Equal("late", (await peer.AskAsync(Get)).Text);
        });

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    public void A_body_that_comes_too_slowly_fails_its_read_and_is_answered(string drip) => Simulate(
        async context => await Assert.ThrowsAsync<TimeoutException>(() => Handlers.ReadTextAsync(context)),
        new HttpServerOptions { BodyGrace = Short * 3, BodyBytesPerSecondMin = 1000 },
        async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            TimeSpan began = Now;
            Task<Answer> answer = peer.ReceiveAsync();
            await DripAsync(peer, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", drip, () => answer.IsCompleted);

            Assert.Equal(200, (await answer).Status);
            VerifyTook(Short * 3, began);
        });

    [Fact]
    public void Each_body_has_a_grace_of_its_own() => Simulate(
        Handlers.EchoBody,
        new HttpServerOptions { BodyGrace = Short * 3, BodyBytesPerSecondMin = 1000 },
        async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            for (int i = 0; i < 4; i++)
            {
                await peer.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na");
                await Coroutine.SleepAsync(Short * 2);
                Assert.Equal("2:ab", (await peer.AskAsync("b")).Text);
            }
        });

    [Fact]
    public void A_handler_that_lets_the_slowness_of_a_body_pass_answers_408() => Simulate(
        Handlers.EchoBody,
        new HttpServerOptions { BodyGrace = TimeSpan.Zero, BodyBytesPerSecondMin = 1000 },
        async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);

            Answer answer = await peer.AskAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx");

            Assert.Equal(408, answer.Status);
            Assert.Equal("close", answer["Connection"]);
            await peer.ReceiveEndAsync();
        });

    [Fact]
    public void A_slow_body_that_nobody_reads_ends_the_connection() => Simulate(
        Handlers.Hello,
        new HttpServerOptions { BodyGrace = TimeSpan.Zero, BodyBytesPerSecondMin = 1000 },
        async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);

            Answer answer = await peer.AskAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx");

            Assert.Equal(200, answer.Status);
            await peer.ReceiveEndAsync();
        });

    [Fact]
    public void A_body_that_comes_fast_enough_may_take_long() => Simulate(
        Handlers.EchoBody,
        new HttpServerOptions { BodyGrace = Short, BodyBytesPerSecondMin = 100 },
        async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            await peer.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 30000\r\n\r\n");
            for (int i = 0; i < 30; i++)
            {
                await peer.SendAsync(new string('x', 1000));
                await Coroutine.SleepAsync(Step);
            }

            Assert.StartsWith("30000:", (await peer.ReceiveAsync()).Text, StringComparison.Ordinal);
        });

    [Fact]
    public void The_time_in_which_a_handler_doesnt_read_isnt_the_bodys() => Simulate(
        async context =>
        {
            await context.Request.ReadBodyAsync(new byte[1]);
            await Coroutine.SleepAsync(Short * 3);
            await Handlers.EchoBody(context);
        },
        new HttpServerOptions { BodyGrace = TimeSpan.Zero, BodyBytesPerSecondMin = 10 },
        async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            Assert.Equal("4:bcde", (await peer.AskAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde")).Text);
        });

    [Fact]
    public void A_read_that_a_handler_gave_up_counts_no_longer() => Simulate(
        async context =>
        {
            await CancelScope.MoveOnAfterAsync(Step, async _ => await context.Request.ReadBodyAsync(new byte[1]));
            await Coroutine.SleepAsync(Short * 3);
            context.Response.Send("gave up");
        },
        new HttpServerOptions { BodyGrace = Short, BodyBytesPerSecondMin = 10 },
        async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            Answer answer = await peer.AskAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n");
            Assert.Equal("gave up", answer.Text);
            Assert.Equal(200, (await peer.AskAsync($"x{Get}")).Status);
        });

    [Fact]
    public void A_peer_that_doesnt_take_its_response_is_cut_off()
    {
        TaskCompletionSource<Exception>? failed = null;
        TimeSpan began = default;
        Simulate(
            async context =>
            {
                try
                {
                    while (true)
                    {
                        began = Now;
                        await context.Response.WriteAsync(new byte[100_000]);
                    }
                }
                catch (IOException failure)
                {
                    failed!.SetResult(failure);
                    throw;
                }
            },
            new HttpServerOptions { BodyGrace = Short, BodyBytesPerSecondMin = (64 * 1024) + 100_100 },
            async endPoint =>
            {
                failed = new TaskCompletionSource<Exception>();
                using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
                await peer.SendAsync(Get);
                await failed.Task;

                // The grace, and as long for what may be unsent: what a flush leaves, and this piece as a chunk.
                VerifyTook(Short * 2, began);
                await peer.ReceiveBreakAsync();
            });
    }

    [Fact]
    public void A_response_in_one_large_piece_has_the_time_that_its_size_asks_for() => Simulate(
        async context => await context.Response.WriteAsync(new byte[6_000_000]),
        new HttpServerOptions { BodyGrace = TimeSpan.Zero, BodyBytesPerSecondMin = 1_000_000 },
        async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            await peer.SendAsync(Get);

            // Longer than a flush of a usual size may take, shorter than this one may.
            await Coroutine.SleepAsync(Short * 4);

            Assert.StartsWith("HTTP/1.1 200", await peer.ReceiveHeadAsync(), StringComparison.Ordinal);
            Assert.Equal(6_000_000, (await peer.ReceiveChunksAsync()).Length);
        });

    [Fact]
    public void A_peer_that_lingers_too_long_is_cut_off() => Simulate(
        Handlers.Hello,
        new HttpServerOptions { LingerTimeout = Short },
        async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            TimeSpan began = Now;
            Assert.Equal(400, (await peer.AskAsync("nonsense\r\n\r\n")).Status);
            await peer.ReceiveEndAsync();

            await Assert.ThrowsAnyAsync<IOException>(() => DripAsync(peer, "", "x", static () => false));

            VerifyTook(Short, began);
        });

    [Fact]
    public void What_a_lingering_peer_may_still_send_has_a_bound() => Simulate(
        Handlers.Hello,
        new HttpServerOptions { LingerTimeout = Timeout.InfiniteTimeSpan, DrainBytesMax = 1000 },
        async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            Assert.Equal(400, (await peer.AskAsync("nonsense\r\n\r\n")).Status);

            await Assert.ThrowsAnyAsync<IOException>(() => DripAsync(peer, "", new string('x', 500), static () => false));
        });

    [Fact]
    public void Deadlines_that_are_switched_off_never_come() => Simulate(
        Handlers.EchoBody,
        new HttpServerOptions
        {
            HeaderTimeout = Timeout.InfiniteTimeSpan,
            KeepAliveTimeout = Timeout.InfiniteTimeSpan,
            BodyBytesPerSecondMin = 0,
            BodyGrace = TimeSpan.Zero,
        },
        async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            foreach (string part in new[] { "POST / HT", "TP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n", "a" })
            {
                await Coroutine.SleepAsync(Short * 2.5);
                await peer.SendAsync(part);
            }

            Assert.Equal("2:ab", (await peer.AskAsync("b")).Text);
        });

    private static void Simulate(HttpHandler handler, HttpServerOptions options, Func<IPEndPoint, Task> test)
    {
        var server = new HttpServer(options with { Logger = LineLogger.Silent });
        server.Map("/", handler).Get("/suspends", async context =>
        {
            await Coroutine.YieldAsync();
            context.Response.Send("resumed");
        });
        InLoop.Simulate(server, test);
    }

    /// <summary>A step of the test's own, and the moments that bytes are on their way, come on top of the second.</summary>
    private static void VerifyTook(TimeSpan timeout, TimeSpan began) =>
        Assert.InRange(Now - began, timeout, timeout + TimeSpan.FromSeconds(1) + (Step * 2));

    /// <summary>Sends <paramref name="first"/>, then a little again and again, until <paramref name="isOver"/>.</summary>
    private static async Task DripAsync(HttpPeer peer, string first, string drip, Func<bool> isOver)
    {
        await peer.SendAsync(first);
        TimeSpan end = Now + Patience.Limit;
        while (!isOver())
        {
            Assert.True(Now < end, "The server never gave up.");
            await Coroutine.SleepAsync(Step);
            if (!isOver())
            {
                await peer.SendAsync(Encoding.ASCII.GetBytes(drip));
            }
        }
    }
}
