using System.Net;
using System.Net.Sockets;
using Gyre.Samples.Ladder;

namespace Gyre.Tests.Samples;

/// <summary>What every stage of <c>samples/Ladder</c> does alike, and what only the first can't.</summary>
public sealed class LadderTests
{
    /// <summary>For a request that must not come: one that serves a single client at a time never sends it, however long this is.</summary>
    private static readonly TimeSpan s_amplyForAnother = TimeSpan.FromMilliseconds(300);

    public static TheoryData<string> Stages => [.. Stage.All.Select(stage => stage.Name)];

    public static TheoryData<string> StagesThatServeMany => [.. Stage.All.Select(stage => stage.Name).Where(name => name != "blocking")];

    public static MatrixTheoryData<string, string> StagesAndUselessAnswers { get; } = new(
        Stage.All.Select(stage => stage.Name),
        ["", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Len", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"]);

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task Every_stage_answers_identically(string stage)
    {
        using var upstream = new HeldUpstream();
        await LadderServer.WithAsync(stage, upstream.Url, async endPoint =>
        {
            Task<string> answer = LadderServer.GetAsync(endPoint, "/some/path?with=query");
            HeldRequest request = await upstream.NextAsync();
            Assert.Equal("/some/path?with=query", request.Path);
            await request.AnswerAsync("two\nlines");
            Assert.Equal(Answer("200 OK", "/some/path?with=query was asked for, and the upstream says: two\nlines\n"), await answer);
        });
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task A_request_may_come_in_pieces_and_the_answer_of_the_upstream_too(string stage)
    {
        using var upstream = new HeldUpstream();
        await LadderServer.WithAsync(stage, upstream.Url, async endPoint =>
        {
            string path = $"/{new string('x', 5000)}";
            Task<string> answer = LadderServer.GetAsync(endPoint, path);
            HeldRequest request = await upstream.NextAsync();
            string body = new('y', 9000);
            await request.AnswerAsync(body);
            Assert.Equal(Answer("200 OK", $"{path} was asked for, and the upstream says: {body}\n"), await answer);
        });
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task An_upstream_that_can_not_be_reached_is_told_to_the_client(string stage)
    {
        Uri nobody;
        using (var upstream = new HeldUpstream())
        {
            nobody = upstream.Url;
        }

        await LadderServer.WithAsync(stage, nobody, async endPoint =>
            Assert.Equal(
                Answer("502 Bad Gateway", $"The upstream {nobody} gave no answer that could be used.\n"),
                await LadderServer.GetAsync(endPoint, "/")));
    }

    [Theory]
    [MemberData(nameof(StagesAndUselessAnswers))]
    public async Task An_upstream_that_talks_nonsense_is_told_to_the_client(string stage, string nonsense)
    {
        using var upstream = new HeldUpstream();
        await LadderServer.WithAsync(stage, upstream.Url, async endPoint =>
        {
            Task<string> answer = LadderServer.GetAsync(endPoint, "/");
            await (await upstream.NextAsync()).AnswerRawAsync(nonsense);
            Assert.Equal(Answer("502 Bad Gateway", $"The upstream {upstream.Url} gave no answer that could be used.\n"), await answer);
        });
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task An_upstream_that_breaks_the_connection_is_told_to_the_client(string stage)
    {
        using var upstream = new HeldUpstream();
        await LadderServer.WithAsync(stage, upstream.Url, async endPoint =>
        {
            Task<string> answer = LadderServer.GetAsync(endPoint, "/");
            (await upstream.NextAsync()).Reset();
            Assert.Equal(Answer("502 Bad Gateway", $"The upstream {upstream.Url} gave no answer that could be used.\n"), await answer);
        });
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task An_upstream_that_refuses_is_told_to_the_client_with_its_status(string stage)
    {
        using var upstream = new HeldUpstream();
        await LadderServer.WithAsync(stage, upstream.Url, async endPoint =>
        {
            Task<string> answer = LadderServer.GetAsync(endPoint, "/");
            await (await upstream.NextAsync()).AnswerRawAsync("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
            Assert.Equal(Answer("502 Bad Gateway", $"The upstream {upstream.Url} answered 503 instead of 200.\n"), await answer);
        });
    }

    [Theory]
    [MemberData(nameof(StagesThatServeMany))]
    public async Task A_hundred_requests_are_in_flight_together_and_all_come_home(string stage)
    {
        using var upstream = new HeldUpstream();
        await LadderServer.WithAsync(stage, upstream.Url, async endPoint =>
        {
            Task<string>[] answers = [.. Enumerable.Range(0, 100).Select(i => LadderServer.GetAsync(endPoint, $"/{i}"))];
            var held = new List<HeldRequest>();
            while (held.Count < answers.Length)
            {
                held.Add(await upstream.NextAsync());
            }

            // Nobody was answered before the last was asked for.
            Assert.DoesNotContain(answers, answer => answer.IsCompleted);
            foreach (HeldRequest request in held)
            {
                await request.AnswerAsync($"hello, {request.Path}");
            }

            Assert.Equal(
                Enumerable.Range(0, 100).Select(i => Answer("200 OK", $"/{i} was asked for, and the upstream says: hello, /{i}\n")),
                await Task.WhenAll(answers));
        });
    }

    [Fact]
    public async Task The_blocking_stage_serves_one_at_a_time()
    {
        using var upstream = new HeldUpstream();
        await LadderServer.WithAsync("blocking", upstream.Url, async endPoint =>
        {
            Task<string>[] answers = [LadderServer.GetAsync(endPoint, "/"), LadderServer.GetAsync(endPoint, "/")];
            HeldRequest first = await upstream.NextAsync();
            Assert.False(upstream.HasAnother(s_amplyForAnother));
            await first.AnswerAsync("first");
            Assert.Contains("says: first", await await Task.WhenAny(answers), StringComparison.Ordinal);
            await (await upstream.NextAsync()).AnswerAsync("second");
            Assert.Single(await Task.WhenAll(answers), answer => answer.Contains("says: second", StringComparison.Ordinal));
        });
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task Clients_that_break_off_or_talk_nonsense_harm_nobody(string stage)
    {
        using var upstream = new HeldUpstream();
        await LadderServer.WithAsync(stage, upstream.Url, async endPoint =>
        {
            BreakOff(endPoint, "");
            BreakOff(endPoint, "GET /half HTT");
            Assert.Equal("", await LadderServer.AskAsync(endPoint, "POST / HTTP/1.1\r\n\r\n"));
            Assert.Equal("", await LadderServer.AskAsync(endPoint, "GET http://elsewhere/ HTTP/1.1\r\n\r\n"));
            BreakOff(endPoint, "GET /gone HTTP/1.1\r\n\r\n", upstream);
            Task<string> answer = LadderServer.GetAsync(endPoint, "/still");
            HeldRequest request = await upstream.NextAsync();
            Assert.Equal("/still", request.Path);
            await request.AnswerAsync("here");
            Assert.Equal(Answer("200 OK", "/still was asked for, and the upstream says: here\n"), await answer);
        });
    }

    /// <summary>The blocking stage can't: it is told to end, and looks when it next accepts.</summary>
    [Theory]
    [MemberData(nameof(StagesThatServeMany))]
    public async Task It_ends_while_requests_are_in_flight(string stage)
    {
        using var upstream = new HeldUpstream();
        var answers = new List<Task>();
        await LadderServer.WithAsync(stage, upstream.Url, async endPoint =>
        {
            for (int i = 0; i < 5; i++)
            {
                answers.Add(LadderServer.GetAsync(endPoint, "/"));
                await upstream.NextAsync();
            }
        });
        Assert.Equal(5, answers.Count);
    }

    private static string Answer(string status, string body) =>
        $"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";

    /// <summary>Sends a text and resets the connection; when it was a request, after the upstream has got it.</summary>
    private static void BreakOff(IPEndPoint endPoint, string text, HeldUpstream? upstream = null)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) };
        socket.Connect(endPoint);
        socket.Send(System.Text.Encoding.Latin1.GetBytes(text));
        if (upstream is not null)
        {
            HeldRequest request = upstream.NextAsync().GetAwaiter().GetResult();
            socket.Close();
            request.AnswerAsync("too late").GetAwaiter().GetResult();
        }
    }
}
