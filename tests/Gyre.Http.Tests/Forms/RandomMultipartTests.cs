using System.Text;
using CsCheck;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.Forms;

/// <summary>Parts of a few bytes that a boundary is made of, in pieces of any size: what was sent is what is read.</summary>
public sealed class RandomMultipartTests
{
    private const long Iterations = 300;
    private const string Boundary = "b-";

    private static readonly string[] s_pieces = ["\r", "\n", "\r\n", "-", "--", "b", "b-", "x", "\r\n--", "\r\n--b", "\0"];

    private static readonly Gen<string> s_content = Gen.Int[0, s_pieces.Length - 1].Array[0, 12]
        .Select(static indexes => string.Concat(indexes.Select(static i => s_pieces[i])))
        .Where(static text => !$"\r\n{text}\r\n".Contains($"\r\n--{Boundary}", StringComparison.Ordinal));

    private static readonly Gen<(string[] Parts, int[] Cuts)> s_body = Gen.Select(s_content.Array[0, 4], Gen.Int[1, 40].Array[1, 30]);

    [Fact]
    public async Task Parts_arrive_as_they_were_sent_however_they_are_split()
    {
        using TestServer server = await TestServer.StartAsync(static server => server.Post("/", static async context =>
        {
            var all = new StringBuilder();
            await foreach (MultipartPart part in context.Request.ReadMultipartAsync())
            {
                all.Append(await part.ReadTextAsync()).Append('|');
            }

            context.Response.Send(all.ToString());
        }));
        using HttpPeer peer = await server.ConnectAsync();

        // CsCheck prints the seed of a failure; one connection, so one at a time.
        await s_body.SampleAsync(async sample => await VerifyAsync(peer, sample.Parts, sample.Cuts), iter: Iterations, threads: 1);
    }

    private static async Task VerifyAsync(HttpPeer peer, string[] parts, int[] cuts)
    {
        string body = string.Concat(parts.Select(part => $"--{Boundary}\r\n\r\n{part}\r\n")) + $"--{Boundary}--\r\n";
        string rest = $"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/mixed; boundary={Boundary}\r\nContent-Length: {body.Length}\r\n\r\n{body}";
        for (int i = 0; rest.Length > 0; i++)
        {
            int count = Math.Min(rest.Length, cuts[i % cuts.Length]);
            await peer.SendAsync(rest[..count]);
            rest = rest[count..];
        }

        Answer answer = await peer.ReceiveAsync();
        Assert.Equal(string.Concat(parts.Select(part => part + "|")), answer.Text);
    }
}
