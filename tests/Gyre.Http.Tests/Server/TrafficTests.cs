using System.Globalization;
using System.Net;
using System.Text;

namespace Gyre.Http.Tests.Server;

/// <summary>Random requests in random pieces from several peers at once, in simulated worlds; each seed replays its run.</summary>
public sealed class TrafficTests
{
    private const int Peers = 4;
    private const int RequestsPerPeer = 60;

    private enum Kind
    {
        Fast,
        Slow,
        Head,
        LengthBody,
        ChunkedBody,
        UnreadBody,
        PartReadBody,
        Chunks,
    }

    [Fact]
    public void Every_request_is_answered_once_and_in_order_however_it_comes()
    {
        int seed = 0;
        InLoop.Simulate(NewServer(), async endPoint =>
        {
            var random = new Random(++seed);
            await TaskGroup.RunAsync(group =>
            {
                for (int i = 0; i < Peers; i++)
                {
                    int own = random.Next();
                    group.Spawn(() => RunPeerAsync(endPoint, new Random(own)));
                }

                return Task.CompletedTask;
            });
        });
    }

    [Fact]
    public void A_server_that_is_cancelled_at_any_moment_leaves_nothing()
    {
        int seed = 0;
        InLoop.Simulate(NewServer(), async endPoint =>
        {
            var random = new Random(++seed);
            await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(random.Next(200)), _ => TaskGroup.RunAsync(group =>
            {
                for (int i = 0; i < Peers; i++)
                {
                    int own = random.Next();
                    group.Spawn(() => RunPeerAsync(endPoint, new Random(own)));
                }

                return Task.CompletedTask;
            }));
        });
    }

    private static HttpServer NewServer() => new HttpServer()
        .Get("/fast", Handlers.Echo)
        .Get("/slow", async context =>
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(int.Parse(context.Request.Query, CultureInfo.InvariantCulture)));
            await Handlers.Echo(context);
        })
        .Map("/body", Handlers.EchoBody)
        .Map("/unread", Handlers.Echo)
        .Map("/part", async context =>
        {
            await context.Request.ReadBodyAsync(new byte[1]);
            await Coroutine.YieldAsync();
            await Handlers.Echo(context);
        })
        .Get("/chunks", async context =>
        {
            int chunks = int.Parse(context.Request.Query, CultureInfo.InvariantCulture);
            for (int i = 0; i < chunks; i++)
            {
                await context.Response.WriteAsync(Encoding.ASCII.GetBytes($"{i},"));
                await Coroutine.YieldAsync();
            }
        });

    private static async Task RunPeerAsync(IPEndPoint endPoint, Random random)
    {
        var requests = new StringBuilder();
        var expected = new List<(bool IsHead, string Text)>();
        for (int i = 0; i < RequestsPerPeer; i++)
        {
            var kind = (Kind)random.Next(Enum.GetValues<Kind>().Length);
            (string request, string text) = Compose(kind, random.Next(1, 5000));
            requests.Append(request);
            expected.Add((kind == Kind.Head, text));
        }

        using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(() => SendInPiecesAsync(peer, requests.ToString(), random));
            foreach ((bool isHead, string text) in expected)
            {
                Answer answer = await peer.ReceiveAsync(isHead);
                Assert.Equal(200, answer.Status);
                Assert.Equal(text, answer.Text);
            }
        });
    }

    private static (string Request, string Answer) Compose(Kind kind, int number)
    {
        string body = new('x', number);
        string framed = $"Host: a\r\nContent-Length: {number}\r\n\r\n{body}";
        return kind switch
        {
            Kind.Fast => ($"GET /fast?{number} HTTP/1.1\r\nHost: a\r\n\r\n", $"/fast?{number}"),
            Kind.Slow => ($"GET /slow?{number % 50} HTTP/1.1\r\nHost: a\r\n\r\n", $"/slow?{number % 50}"),
            Kind.Head => ($"HEAD /fast?{number} HTTP/1.1\r\nHost: a\r\n\r\n", ""),
            Kind.LengthBody => ($"POST /body HTTP/1.1\r\n{framed}", $"{number}:{body}"),
            Kind.ChunkedBody => (
                $"POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\ny\r\n{number:x}\r\n{body}\r\n0\r\n\r\n",
                $"{number + 1}:y{body}"),
            Kind.UnreadBody => ($"POST /unread?{number} HTTP/1.1\r\n{framed}", $"/unread?{number}"),
            Kind.PartReadBody => ($"POST /part?{number} HTTP/1.1\r\n{framed}", $"/part?{number}"),
            _ => ($"GET /chunks?{number % 30} HTTP/1.1\r\nHost: a\r\n\r\n", string.Concat(Enumerable.Range(0, number % 30).Select(i => $"{i},"))),
        };
    }

    private static async Task SendInPiecesAsync(HttpPeer peer, string text, Random random)
    {
        for (int sent = 0; sent < text.Length;)
        {
            int length = Math.Min(random.Next(4) == 0 ? random.Next(1, 20) : random.Next(1, 8000), text.Length - sent);
            await peer.SendAsync(text.Substring(sent, length));
            sent += length;
            if (random.Next(3) == 0)
            {
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(random.Next(20)));
            }
        }
    }
}
