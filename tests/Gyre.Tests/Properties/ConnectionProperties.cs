using System.Buffers;
using System.IO.Pipelines;
using CsCheck;

namespace Gyre.Tests;

/// <summary>
/// A connection against <see cref="Pipe"/> as the model: the same writes, flushes, reads and advances give the same bytes.
/// A failure prints its seed.
/// </summary>
public sealed class ConnectionProperties
{
    /// <summary>A step: what to do, and a number whose meaning depends on it.</summary>
    private static readonly Gen<(Step Step, int Number)[]> s_steps =
        Gen.Select(Gen.Enum<Step>(), Gen.Frequency((3, Gen.Int[0, 20]), (2, Gen.Int[0, 6000]), (1, Gen.Int[0, 40_000]))).Array[1, 60];

    private enum Step
    {
        /// <summary>Get memory, fill some of it and advance, in one go or two.</summary>
        Write,

        Flush,

        /// <summary>Read what is there, consume a part and examine at least as much.</summary>
        Read,

        /// <summary>Read through the stream into a buffer of the number's size.</summary>
        ReadStream,

        CancelRead,
    }

    [Fact]
    public void It_gives_what_a_Pipe_gives() => s_steps.Sample(
        static steps => { OnLoop.Run(() => RunAsync(steps)); }, iter: 150, threads: 1);

    private static async Task RunAsync((Step Step, int Number)[] steps)
    {
        var model = new Pipe(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
        await using Pair pair = await Pair.ConnectAsync();
        long written = 0;
        long flushed = 0;
        long consumed = 0;
        foreach ((Step step, int number) in steps)
        {
            switch (step)
            {
                case Step.Write:
                    Write(model.Writer, written, number);
                    Write(pair.Client.Output, written, number);
                    written += number;
                    Assert.Equal(written - flushed, pair.Client.Output.UnflushedBytes);
                    break;
                case Step.Flush:
                    await model.Writer.FlushAsync();

                    // Not awaited at once: more than the system takes has to be read in the meantime.
                    ValueTask<FlushResult> flushing = pair.Client.Output.FlushAsync();
                    flushed = written;
                    await DrainUntilAsync(model.Reader, pair.Server.Input, flushed - consumed);
                    Assert.False((await flushing).IsCanceled);
                    break;
                case Step.Read when flushed > consumed:
                    consumed += await ReadAsync(model.Reader, pair.Server.Input, flushed - consumed, number);
                    break;
                case Step.ReadStream when flushed > consumed && number > 0:
                    consumed += await ReadStreamAsync(model.Reader, pair.Server.AsStream(), number);
                    break;
                case Step.CancelRead:
                    await CancelReadAsync(pair.Server.Input);
                    break;
            }
        }

        await model.Writer.CompleteAsync();
        await pair.Client.Output.CompleteAsync();
        Assert.Equal(await AllAsync(model.Reader), await AllAsync(pair.Server.Input));
        await pair.Server.Input.CompleteAsync();
        await OnLoop.UntilAsync(static () => EventLoop.Current.Statistics.BuffersRented == 0);
    }

    private static void Write(PipeWriter writer, long position, int count)
    {
        while (count > 0)
        {
            Span<byte> span = writer.GetSpan(Math.Min(count, 1 + (count % 700)));
            int now = Math.Min(count, span.Length);
            for (int i = 0; i < now; i++)
            {
                span[i] = Bytes.At(position + i, seed: 5);
            }

            writer.Advance(now / 2);
            writer.Advance(now - (now / 2));
            position += now;
            count -= now;
        }
    }

    /// <summary>Waits until all that was flushed has arrived, which a network does in its own time, and compares it.</summary>
    private static async Task DrainUntilAsync(PipeReader model, PipeReader reader, long length)
    {
        if (length == 0)
        {
            return;
        }

        ReadResult result = await reader.ReadAtLeastAsync((int)length);
        ReadResult expected = await model.ReadAsync();
        Assert.Equal(length, result.Buffer.Length);
        Assert.True(expected.Buffer.ToArray().AsSpan().SequenceEqual(result.Buffer.ToArray()));
        reader.AdvanceTo(result.Buffer.Start);
        model.AdvanceTo(expected.Buffer.Start);
    }

    private static async Task<long> ReadAsync(PipeReader model, PipeReader reader, long length, int number)
    {
        ReadResult expected = await model.ReadAsync();
        ReadResult result = await reader.ReadAsync();
        Assert.Equal(length, result.Buffer.Length);
        Assert.True(expected.Buffer.ToArray().AsSpan().SequenceEqual(result.Buffer.ToArray()));
        long consumed = Math.Min(number, length);
        long examined = Math.Min(length - 1, consumed + (number % 50));
        examined = Math.Max(consumed, examined);
        model.AdvanceTo(expected.Buffer.GetPosition(consumed));
        reader.AdvanceTo(result.Buffer.GetPosition(consumed), result.Buffer.GetPosition(examined));
        return consumed;
    }

    private static async Task<long> ReadStreamAsync(PipeReader model, Stream stream, int size)
    {
        byte[] buffer = new byte[size];
        int count = await stream.ReadAsync(buffer);
        Assert.InRange(count, 1, size);
        ReadResult expected = await model.ReadAsync();
        Assert.True(expected.Buffer.Slice(0, count).ToArray().AsSpan().SequenceEqual(buffer.AsSpan(0, count)));
        model.AdvanceTo(expected.Buffer.GetPosition(count));
        return count;
    }

    private static async Task CancelReadAsync(PipeReader reader)
    {
        reader.CancelPendingRead();
        ReadResult result = await reader.ReadAsync();
        Assert.True(result.IsCanceled);
        reader.AdvanceTo(result.Buffer.Start);
    }

    private static async Task<byte[]> AllAsync(PipeReader reader)
    {
        while (true)
        {
            ReadResult result = await reader.ReadAsync();
            if (result.IsCompleted)
            {
                byte[] all = result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                return all;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
