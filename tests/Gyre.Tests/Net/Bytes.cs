using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Gyre.Tests;

/// <summary>Sends and checks bytes whose every position is known, so that loss, doubling and mixing up show.</summary>
internal static class Bytes
{
    public static byte At(long position, int seed) => (byte)((position * 31) + (position >> 8) + seed);

    public static async Task SendPatternAsync(PipeWriter output, long total, int seed)
    {
        var random = new Random(seed);
        for (long sent = 0; sent < total;)
        {
            int count = (int)Math.Min(random.Next(1, 20_000), total - sent);
            Fill(output.GetSpan(count)[..count], sent, seed);
            output.Advance(count);
            sent += count;
            FlushResult result = await output.FlushAsync();
            Assert.False(result.IsCompleted);
        }
    }

    /// <param name="input">Where they come from.</param>
    /// <param name="total">How many.</param>
    /// <param name="seed">Which.</param>
    /// <param name="look">Called after each read.</param>
    /// <param name="exactly">Leaves what comes behind them unread; otherwise nothing may.</param>
    public static async Task ReceivePatternAsync(PipeReader input, long total, int seed, Action look, bool exactly = false)
    {
        for (long received = 0; received < total;)
        {
            ReadResult result = await input.ReadAsync();
            look();
            Assert.False(result.IsCompleted && result.Buffer.IsEmpty);
            ReadOnlySequence<byte> buffer = exactly ? result.Buffer.Slice(0, Math.Min(result.Buffer.Length, total - received)) : result.Buffer;
            foreach (ReadOnlyMemory<byte> part in buffer)
            {
                Check(part.Span, received, seed);
                received += part.Length;
            }

            input.AdvanceTo(buffer.End);
        }
    }

    public static async Task<string> ReadTextToEndAsync(PipeReader input)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync();
            if (result.IsCompleted)
            {
                string text = Encoding.ASCII.GetString(result.Buffer);
                input.AdvanceTo(result.Buffer.End);
                return text;
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    public static async Task<long> CountToEndAsync(PipeReader input)
    {
        long count = 0;
        while (true)
        {
            ReadResult result = await input.ReadAsync();
            count += result.Buffer.Length;
            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return count;
            }
        }
    }

    private static void Fill(Span<byte> span, long position, int seed)
    {
        for (int i = 0; i < span.Length; i++)
        {
            span[i] = At(position + i, seed);
        }
    }

    private static void Check(ReadOnlySpan<byte> span, long position, int seed)
    {
        for (int i = 0; i < span.Length; i++)
        {
            if (span[i] != At(position + i, seed))
            {
                Assert.Fail($"Byte {position + i} is {span[i]} and should be {At(position + i, seed)}.");
            }
        }
    }
}
