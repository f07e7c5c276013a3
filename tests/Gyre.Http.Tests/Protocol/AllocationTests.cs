using System.Buffers;
using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Protocol;

/// <summary>In steady state, reading requests and writing responses allocates nothing.</summary>
public class AllocationTests
{
    private const int AttemptsMax = 10;

    private static readonly byte[] s_date = "Sun, 06 Nov 1994 08:49:37 GMT"u8.ToArray();

    private static readonly byte[][] s_requests =
    [
        [.. "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"u8],
        [
            .. "GET /a?b HTTP/1.1\r\nHost: [::1]:80\r\nAccept: */*\r\nConnection: keep-alive, x\r\nX: y\r\nCookie: z\r\n"u8,
            .. "Expect: 100-continue\r\nUser-Agent: test\r\nContent-Length: 5\r\n\r\nhello"u8,
        ],
        [
            .. "POST http://x/y HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: u\r\n\r\n"u8,
        ],
        [.. "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"u8],
    ];

    [Fact]
    public void Reading_and_writing_allocate_nothing()
    {
        RequestReader reader = new();
        ResponseHead response = new();
        ResponseWriter writer = new();
        FixedOutput output = new();
        Cycle(reader, response, writer, output, 100);

        // The runtime itself may allocate on this thread when it replaces a method by a better compiled one: once, not for ever.
        long least = long.MaxValue;
        int cycles = 100;
        for (int attempt = 0; attempt < AttemptsMax && least > 0; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Cycle(reader, response, writer, output, 1000);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            cycles += 1000;
        }

        Assert.Equal(0, least);
        Assert.Equal(cycles * 2 * s_requests.Length, reader.MessageCount);
    }

    private static void Cycle(RequestReader reader, ResponseHead response, ResponseWriter writer, FixedOutput output, int times)
    {
        for (int i = 0; i < times; i++)
        {
            foreach (byte[] request in s_requests)
            {
                Answer(reader, response, writer, output, request, request.Length);
                Answer(reader, response, writer, output, request, 1);
            }
        }
    }

    private static void Answer(
        RequestReader reader, ResponseHead response, ResponseWriter writer, FixedOutput output, byte[] request, int piece)
    {
        for (int at = 0; at < request.Length; at += piece)
        {
            Feed(reader, request.AsSpan(at, piece));
        }

        output.Clear();
        writer.Reset();
        response.Reset();
        response.Headers.Add(KnownHeader.ContentType, "text/plain");
        response.Headers.Add("X-Own"u8, "value"u8);
        response.Headers.Set(KnownHeader.Server, "gyre"u8);
        if (reader.Head.IsChunked)
        {
            writer.WriteInterim(output, reader.Head, 100);
            writer.WriteHead(output, response, reader.Head, s_date);
            writer.WriteBody(output, "Hello, "u8);
            writer.WriteBody(output, "World!"u8);
            writer.Complete(output);
        }
        else
        {
            writer.WriteWhole(output, response, reader.Head, s_date, "Hello, World!"u8);
        }

        reader.Reset();
    }

    private static void Feed(RequestReader reader, ReadOnlySpan<byte> input)
    {
        while (true)
        {
            ReaderEvent found = reader.Read(input, out int consumed);
            input = input[consumed..];
            if (found == ReaderEvent.Error)
            {
                Assert.Fail(reader.Error!.Message);
            }

            if (found is ReaderEvent.NeedData or ReaderEvent.End)
            {
                return;
            }
        }
    }

    private sealed class FixedOutput : IBufferWriter<byte>
    {
        private readonly byte[] _bytes = new byte[4096];
        private int _length;

        public void Clear() => _length = 0;

        public void Advance(int count) => _length += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => _bytes.AsMemory(_length);

        public Span<byte> GetSpan(int sizeHint = 0) => _bytes.AsSpan(_length);
    }
}
