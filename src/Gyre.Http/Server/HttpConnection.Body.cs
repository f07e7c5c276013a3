using System.Buffers;
using System.IO.Pipelines;
using Gyre.Http.Protocol;

namespace Gyre.Http.Server;

internal sealed partial class HttpConnection
{
    /// <summary>Reads body bytes for a handler; 0 at the end.</summary>
    public async ValueTask<int> ReadBodyAsync(HttpContext context, Memory<byte> destination)
    {
        RequestReader reader = context.Reader;
        await SendContinueAsync(context);
        while (true)
        {
            if (reader.Read(default, out _) == ReaderEvent.End)
            {
                return 0;
            }

            ReadResult read = await ReadBodyBytesAsync();
            if (TakeBody(reader, read, destination.Span, out int count))
            {
                return count;
            }
        }
    }

    /// <summary>Feeds one read to the reader; true when body bytes or the end were found.</summary>
    private bool TakeBody(RequestReader reader, in ReadResult read, Span<byte> destination, out int count)
    {
        count = 0;
        ReadOnlySequence<byte> buffer = read.Buffer;
        while (!buffer.IsEmpty)
        {
            // Data found is consumed at once, so the reader is shown no more than the destination can take.
            ReadOnlySpan<byte> span = buffer.FirstSpan;
            span = span[..Math.Min(span.Length, destination.Length)];
            ReaderEvent found = reader.Read(span, out int consumed);
            if (found == ReaderEvent.Error)
            {
                _input.AdvanceTo(buffer.Start);
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
                _bodyBytes += count;
                _input.AdvanceTo(buffer.Start);
                return true;
            }
        }

        _input.AdvanceTo(buffer.Start);
        if (read.IsCompleted)
        {
            reader.InputEnded();
            throw new RemoteProtocolException(reader.Error!);
        }

        return false;
    }

    private async ValueTask<ReadResult> ReadBodyBytesAsync()
    {
        BeginBodyWait();
        ReadResult read = await _input.ReadAsync();
        EndBodyWait();
        if (read.IsCanceled)
        {
            _input.AdvanceTo(read.Buffer.Start);
            throw new TimeoutException(
                $"The body of the request came slower than {_server.Options.BodyBytesPerSecondMin} bytes a second.");
        }

        return read;
    }

    private ValueTask SendContinueAsync(HttpContext context)
    {
        if (_continueSent || !context.Reader.Head.ExpectContinue || context.Writer.IsHeadWritten)
        {
            return default;
        }

        _continueSent = true;
        context.Writer.WriteInterim(_output, context.Reader.Head, 100);
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

        bool neverAsked = reader.Head.ExpectContinue && !_continueSent;
        if (neverAsked || reader.State == ReaderState.Failed)
        {
            CloseAfterResponse(context);
            return false;
        }

        if (!_hasVerdict)
        {
            // The peer may wait for the answer before it sends the rest.
            CompleteResponse(context);
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
        int left = _server.Options.DrainBytesMax;
        while (left > 0)
        {
            int count = await ReadBodyAsync(context, scratch);
            if (count == 0)
            {
                return true;
            }

            left -= count;
        }

        return false;
    }

    private void CloseAfterResponse(HttpContext context)
    {
        context.Response.Close = true;
        if (!_hasVerdict)
        {
            CompleteResponse(context);
        }
    }
}
