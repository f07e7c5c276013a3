using System.Text;
using Gyre.Http.Fuzz.Engine;
using Microsoft.AspNetCore.WebUtilities;

namespace Gyre.Http.Fuzz.Targets;

/// <summary>
/// Multipart bodies with the boundary <c>b</c>, by the library that forms are read with. Its assembly isn't instrumented, so that
/// mutations here are blind; the place for the forms of <c>Gyre.Http.Forms</c>, which bring their own branches.
/// </summary>
internal sealed class MultipartTarget : FuzzTarget
{
    private const int HeadersMax = 8;
    private const int HeaderBytesMax = 256;
    private const int SectionsMax = 64;
    private const string Refused = "refused";

    internal override string Name => "multipart";

    internal override IReadOnlyList<string> Seeds =>
    [
        "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n--b--\r\n",
        "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\nContent-Type: text/plain\r\n\r\nx\r\n--bb\r\n--b \r\nA: b\r\n\r\n\r\n--b--",
        "preamble\r\n--b\r\n\r\n\r\n--b--epilogue", "--b--",
    ];

    internal override IReadOnlyList<string> Words =>
    [
        "--b", "\r\n--b", "\r\n--b--", "--", "\r\n", "\r\n\r\n", "Content-Disposition: form-data; name=\"a\"", "; filename=\"\"",
        "Content-Type: text/plain\r\n", "\r", "\n", "b", ": ", " ",
    ];

    internal override void Run(ReadOnlySpan<byte> input)
    {
        byte[] bytes = input.ToArray();
        string whole = Account(new MemoryStream(bytes));
        string slow = Account(new SlowStream(bytes));

        // Whether it refuses a long preamble depends on how the bytes come: README.md. What it takes must be the same.
        if (whole != Refused && slow != Refused)
        {
            Verify.Same(whole, slow, "bytes that come one by one make another form");
        }
    }

    private static string Account(Stream body)
    {
        StringBuilder account = new();
        MultipartReader reader = new("b", body) { HeadersCountLimit = HeadersMax, HeadersLengthLimit = HeaderBytesMax };
        try
        {
            for (int i = 0; i < SectionsMax && Complete(reader.ReadNextSectionAsync()) is { } section; i++)
            {
                account.AppendJoin('|', section.Headers!.Select(header => $"{header.Key}={header.Value}")).Append('\n');
                using MemoryStream content = new();
                Complete(Copy(section.Body, content));
                account.Append(Convert.ToHexString(content.GetBuffer().AsSpan(0, (int)content.Length))).Append('\n');
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            // How it says that the bytes are no form; how many sections it gave before depends on how the bytes came.
            return Refused;
        }

        return account.ToString();
    }

    private static async Task<bool> Copy(Stream source, Stream destination)
    {
        await source.CopyToAsync(destination);
        return true;
    }

    private static T Complete<T>(Task<T> task) =>
        task.IsCompleted ? task.GetAwaiter().GetResult() : throw new OracleException("waits", "a stream in memory makes the reader wait");

    /// <summary>One byte a read.</summary>
    private sealed class SlowStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 1));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 1)]);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            Task.FromResult(Read(buffer, offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));
    }
}
