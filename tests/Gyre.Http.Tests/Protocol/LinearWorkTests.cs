using System.Text;
using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Protocol;

/// <summary>
/// Whatever comes, and however it is split, the reader looks at each byte a bounded number of times. Work is counted by
/// the reader itself; the clock is not asked.
/// </summary>
public class LinearWorkTests
{
    private const string Post = "POST / HTTP/1.1\r\nHost: x\r\n";
    private const string Chunked = Post + "Transfer-Encoding: chunked\r\n\r\n";

    public static TheoryData<string, string> Messages => new()
    {
        { "long target", "GET /" + new string('a', 8000) + " HTTP/1.1\r\nHost: x\r\n\r\n" },
        { "endless request line", "GET /" + new string('a', 20_000) },
        { "one long value", Post + "A: " + new string('b', 30_000) + "\r\n\r\n" },
        { "one long name", Post + new string('b', 30_000) + ": A\r\n\r\n" },
        { "blanks in a value", Post + "A:" + new string(' ', 30_000) + "\r\n\r\n" },
        { "many short lines", Post + string.Concat(Enumerable.Repeat("A:b\r\n", 98)) + "\r\n" },
        { "endless header", Post + new string('b', 60_000) },
        { "tiny chunks", Chunked + string.Concat(Enumerable.Repeat("1\r\nz\r\n", 10_000)) + "0\r\n\r\n" },
        { "long extension", Chunked + "1;" + new string('a', 16_000) + "\r\nz\r\n0\r\n\r\n" },
        { "endless extension", Chunked + "1;" + new string('a', 60_000) },
        { "long trailer", Chunked + "0\r\nA: " + new string('a', 16_000) + "\r\n\r\n" },
        { "long body", Post + "Content-Length: 60000\r\n\r\n" + new string('a', 60_000) },
        { "connection options", Post + "Connection: " + string.Concat(Enumerable.Repeat("a,", 15_000)) + "\r\n\r\n" },
        { "bytes that are no request", new string('\0', 60_000) },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void Each_byte_is_looked_at_a_few_times_at_most(string name, string message)
    {
        Assert.NotEmpty(name);
        byte[] bytes = Encoding.Latin1.GetBytes(message);
        foreach (int piece in (int[])[1, 2, 3, 7, 64, 1000, 4096, int.MaxValue])
        {
            RequestReader reader = new();
            Transcript.Recorder recorder = new(reader);
            for (int at = 0; at < bytes.Length; at += Math.Min(piece, bytes.Length))
            {
                recorder.Feed(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
            }

            Assert.InRange(reader.BytesExamined, 1, (3L * bytes.Length) + 100);
        }
    }
}
