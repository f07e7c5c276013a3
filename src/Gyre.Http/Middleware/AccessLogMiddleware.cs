using System.Net;
using Gyre.Http.Protocol;
using Gyre.Http.Server;

namespace Gyre.Http.Middleware;

/// <summary>Writes a line for each request, when its response is complete or can't become so any more.</summary>
internal sealed class AccessLogMiddleware(AccessLogOptions options)
{
    /// <summary>An address, a time, numbers, an id of 128 quotes, the names of JSON's members, rounded up.</summary>
    private const int FixedBytesMax = 1280;
    private const long NanosecondsPerMicrosecond = 1000;

    private readonly bool _isJson = options.Format == AccessLogFormat.Json;
    private readonly bool _isTimed = options.AppendsDurationAndId || options.Format == AccessLogFormat.Json;
    private readonly bool _hasClient = options.Format != AccessLogFormat.Common;
    private readonly Func<LoopServer, AccessLogBuffer> _newBuffer =
        server => new AccessLogBuffer(options.Sink, options.BufferBytesMax, server);

    public ValueTask Invoke(HttpContext context, HttpHandler next)
    {
        HttpConnection connection = context.Connection!;
        AccessLogBuffer log = connection.Server.PartOf(this, _newBuffer);
        long begun = _isTimed ? log.Timestamp : 0;

        // Asked before: a connection that has ended doesn't know it any more.
        IPEndPoint? peer = context.Request.RemoteEndPoint;
        ValueTask answering;
        try
        {
            answering = next(context);
        }
        catch (Exception failure)
        {
            Write(context, log, peer, begun, connection.StatusFor(context, failure));
            throw;
        }

        if (!answering.IsCompletedSuccessfully)
        {
            return FinishAsync(answering, context, log, peer, begun);
        }

        Finish(context, log, peer, begun);
        return default;
    }

    private async ValueTask FinishAsync(ValueTask answering, HttpContext context, AccessLogBuffer log, IPEndPoint? peer, long begun)
    {
        HttpConnection connection = context.Connection!;
        try
        {
            await answering;
        }
        catch (Exception failure)
        {
            Write(context, log, peer, begun, connection.StatusFor(context, failure));
            throw;
        }

        Finish(context, log, peer, begun);
    }

    private void Finish(HttpContext context, AccessLogBuffer log, IPEndPoint? peer, long begun)
    {
        HttpConnection connection = context.Connection!;
        if (!context.IsAborted)
        {
            // It would end now in any case; ended here, the line has all its bytes.
            connection.CompleteResponse(context);
        }

        Write(context, log, peer, begun, connection.StatusFor(context, null));
    }

    private void Write(HttpContext context, AccessLogBuffer log, IPEndPoint? peer, long begun, int status)
    {
        RequestHead head = context.Reader.Head;
        int foreign = head.MethodSpan.Length + Cut(head.TargetSpan);
        ReadOnlySpan<byte> referer = default;
        ReadOnlySpan<byte> userAgent = default;
        if (_hasClient)
        {
            head.Headers.TryGetValue(KnownHeader.Referer, out referer);
            head.Headers.TryGetValue(KnownHeader.UserAgent, out userAgent);
            foreign += Cut(referer) + Cut(userAgent);
        }

        Span<byte> room = log.Reserve(FixedBytesMax + (foreign * LogLine.BytesPerByte));
        if (room.IsEmpty)
        {
            return;
        }

        var line = new LogLine(room);
        var entry = new Entry(
            context.Request.RemoteEndPoint ?? peer, status, SentBytes(context), _isTimed ? (log.Timestamp - begun) / NanosecondsPerMicrosecond : 0);
        if (_isJson)
        {
            WriteJson(ref line, context, log, entry, referer, userAgent);
        }
        else
        {
            WriteCommon(ref line, context, log, entry, referer, userAgent);
        }

        line.Write("\n"u8);
        log.Commit(line.Length);
    }

    private void WriteCommon(
        ref LogLine line, HttpContext context, AccessLogBuffer log, Entry entry, ReadOnlySpan<byte> referer, ReadOnlySpan<byte> userAgent)
    {
        WriteClient(ref line, entry);
        line.Write(" - - "u8);
        line.Write(log.CommonTime);
        line.Write(" \""u8);
        RequestHead head = context.Reader.Head;
        line.Write(head.MethodSpan);
        line.Write(" "u8);
        line.WriteForeign(head.TargetSpan, options.FieldBytesMax, isJson: false);
        line.Write(head.Version == ProtocolVersion.Http10 ? " HTTP/1.0\" "u8 : " HTTP/1.1\" "u8);
        WriteNumber(ref line, entry.Status, "-"u8);
        line.Write(" "u8);
        WriteNumber(ref line, entry.Bytes, "-"u8);
        if (_hasClient)
        {
            WriteQuoted(ref line, referer);
            WriteQuoted(ref line, userAgent);
        }

        if (options.AppendsDurationAndId)
        {
            line.Write(" "u8);
            line.Write(entry.Micros);
            line.Write(" "u8);
            WriteRequestId(ref line, context);
        }
    }

    private void WriteJson(
        ref LogLine line, HttpContext context, AccessLogBuffer log, Entry entry, ReadOnlySpan<byte> referer, ReadOnlySpan<byte> userAgent)
    {
        RequestHead head = context.Reader.Head;
        line.Write("{\"time\":\""u8);
        line.Write(log.UtcNow.UtcDateTime);
        line.Write("\",\"client\":\""u8);
        WriteClient(ref line, entry);
        WriteMember(ref line, "\",\"method\":"u8, head.MethodSpan);
        WriteMember(ref line, ",\"target\":"u8, head.TargetSpan);
        line.Write(head.Version == ProtocolVersion.Http10 ? ",\"version\":\"1.0\",\"status\":"u8 : ",\"version\":\"1.1\",\"status\":"u8);
        WriteNumber(ref line, entry.Status, "null"u8);
        line.Write(",\"bytes\":"u8);
        line.Write(entry.Bytes);
        line.Write(",\"micros\":"u8);
        line.Write(entry.Micros);
        line.Write(",\"requestId\":\""u8);
        WriteRequestId(ref line, context);
        WriteMember(ref line, "\",\"referer\":"u8, referer);
        WriteMember(ref line, ",\"userAgent\":"u8, userAgent);
        line.Write("}"u8);
    }

    private static void WriteClient(ref LogLine line, Entry entry)
    {
        if (entry.Client is { } client)
        {
            line.Write(client.Address);
        }
        else
        {
            line.Write("-"u8);
        }
    }

    /// <summary>Its characters are visible ASCII, but quotes may be among them.</summary>
    private void WriteRequestId(ref LogLine line, HttpContext context)
    {
        Span<byte> id = stackalloc byte[RequestIds.CharactersMax];
        line.WriteForeign(id[..System.Text.Encoding.ASCII.GetBytes(context.RequestId, id)], RequestIds.CharactersMax, _isJson);
    }

    private void WriteMember(ref LogLine line, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        line.Write(name);
        if (value.IsEmpty)
        {
            line.Write("null"u8);
            return;
        }

        line.Write("\""u8);
        line.WriteForeign(value, options.FieldBytesMax, isJson: true);
        line.Write("\""u8);
    }

    private void WriteQuoted(ref LogLine line, ReadOnlySpan<byte> value)
    {
        line.Write(" \""u8);
        line.WriteForeign(value.IsEmpty ? "-"u8 : value, options.FieldBytesMax, isJson: false);
        line.Write("\""u8);
    }

    private static void WriteNumber(ref LogLine line, long number, ReadOnlySpan<byte> zero)
    {
        if (number == 0)
        {
            line.Write(zero);
        }
        else
        {
            line.Write(number);
        }
    }

    private int Cut(ReadOnlySpan<byte> value) => Math.Min(value.Length, options.FieldBytesMax);

    private static long SentBytes(HttpContext context) =>
        context.Writer is { IsHeadWritten: true, SendsBody: true } ? context.Writer.BodyBytesWritten : 0;

    /// <summary>What isn't in the request's head. A status of 0 is none.</summary>
    private readonly record struct Entry(IPEndPoint? Client, int Status, long Bytes, long Micros);
}
