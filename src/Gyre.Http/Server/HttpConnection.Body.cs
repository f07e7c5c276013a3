using System.Buffers;
using System.IO.Pipelines;
using Gyre.Http.Protocol;

namespace Gyre.Http.Server;

/// <summary>The bodies of requests: read by handlers, and what they leave is dropped within a bound.</summary>
internal sealed partial class HttpConnection
{
    private bool _continueSent;

    /// <summary>Reads body bytes for a handler; 0 at the end.</summary>
    public async ValueTask<int> ReadBodyAsync(HttpContext context, Memory<byte> destination)
    {
        RequestReader reader = context.Reader;
        while (true)
        {
            switch (reader.Read(default, out _))
            {
                case ReaderEvent.End:
                    return 0;
                case ReaderEvent.Error:
                    throw new RemoteProtocolException(reader.Error!);
            }

            await SendContinueAsync(context);
            ReadResult read = await ReadBodyBytesAsync(context);
            if (TakeBody(context, read, destination.Span, out int count))
            {
                return count;
            }
        }
    }

    /// <summary>
    /// Before a final head is written: when the peer still waits to be told to send its body, it won't be, and as it may send
    /// it all the same, nothing can follow on this connection. Nor while the server drains, nor behind a whole response to a request of
    /// whose body more is left than will be dropped. The peer is told.
    /// </summary>
    public void BeforeHead(HttpContext context, bool isWhole = false)
    {
        if (IsContinueDue(context) || _server.IsDraining || (isWhole && context.Reader.BodyBytesAhead > _server.Options.DrainBytesMax))
        {
            context.Response.Close = true;
        }
    }

    private void BeginBody(HttpContext context)
    {
        _continueSent = false;
        context.BodyRate.Reset();
    }

    /// <summary>Feeds one read to the reader; true when body bytes or the end were found.</summary>
    private bool TakeBody(HttpContext context, in ReadResult read, Span<byte> destination, out int count)
    {
        count = 0;
        RequestReader reader = context.Reader;
        ReadOnlySequence<byte> buffer = read.Buffer;
        while (!buffer.IsEmpty)
        {
            // Data found is consumed at once, so the reader is shown no more than the destination can take.
            ReadOnlySpan<byte> span = buffer.FirstSpan;
            span = span[..Math.Min(span.Length, destination.Length)];
            ReaderEvent found = reader.Read(span, out int consumed);
            if (found == ReaderEvent.Error)
            {
                Input.AdvanceTo(buffer.Start);
                throw new RemoteProtocolException(reader.Error!);
            }

            buffer = buffer.Slice(consumed);
            if (found == ReaderEvent.Data)
            {
                span[reader.DataRange].CopyTo(destination);
                count = reader.DataLength;
            }

            if (found is ReaderEvent.Data or ReaderEvent.End)
            {
                context.BodyRate.Add(count);
                Input.AdvanceTo(buffer.Start);
                return true;
            }
        }

        Input.AdvanceTo(buffer.Start);
        if (read.IsCompleted)
        {
            reader.InputEnded();
            throw new RemoteProtocolException(reader.Error!);
        }

        return false;
    }

    private async ValueTask<ReadResult> ReadBodyBytesAsync(HttpContext context)
    {
        ReadResult read;
        BeginBodyWait(context);
        try
        {
            read = await Input.ReadAsync();
        }
        catch (IOException)
        {
            _isBroken = true;
            throw;
        }
        finally
        {
            EndBodyWait(context);
        }

        if (read.IsCanceled)
        {
            Input.AdvanceTo(read.Buffer.Start);
            throw new TimeoutException(
                $"The body of the request came slower than {_server.Options.BodyBytesPerSecondMin} bytes a second.");
        }

        return read;
    }

    private bool IsContinueDue(HttpContext context) => context.Reader.Head.ExpectContinue && !_continueSent;

    private ValueTask SendContinueAsync(HttpContext context)
    {
        if (!IsContinueDue(context) || context.Writer.IsHeadWritten)
        {
            return default;
        }

        _continueSent = true;
        context.Writer.WriteInterim(Output, context.Reader.Head, 100);
        return FlushAsync();
    }

    /// <summary>
    /// Drops what a handler left of its request's body, within a bound; false when the connection must be closed because the
    /// rest would be read as the next request.
    /// </summary>
    private async ValueTask<bool> DrainBodyAsync(HttpContext context)
    {
        RequestReader reader = context.Reader;
        if (reader.Read(default, out _) == ReaderEvent.End)
        {
            return true;
        }

        // Answered before the rest is read: the peer may wait for the answer before it sends that.
        CompleteResponse(context);
        if (_verdict != ResponseVerdict.KeepAlive || IsContinueDue(context) || reader.State == ReaderState.Failed)
        {
            return false;
        }

        await FlushAsync();
        byte[] scratch = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            return await DropAsync(context, scratch);
        }
        catch (Exception failure) when (failure is RemoteProtocolException or TimeoutException)
        {
            // The request was answered already; a body that ends badly costs the peer the connection, nothing more.
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    private async ValueTask<bool> DropAsync(HttpContext context, byte[] scratch)
    {
        long left = _server.Options.DrainBytesMax;
        while (true)
        {
            int count = await ReadBodyAsync(context, scratch.AsMemory(0, (int)Math.Min(scratch.Length, left + 1)));
            left -= count;
            if (count == 0 || left < 0)
            {
                return count == 0;
            }
        }
    }
}
