using System.Buffers;
using System.IO.Compression;
using Gyre.Http.Protocol;
using Microsoft.AspNetCore.WebUtilities;

namespace Gyre.Http.Server;

/// <summary>Answers a request that nobody sent, before there is one that somebody did.</summary>
/// <remarks>
/// The runtime opens a file to load an assembly, and what it fails to load it never tries again. A server whose first
/// requests come as a flood that takes every descriptor would be broken for good; this loads what requests need while there
/// are descriptors. It also takes the compiling off the first visitor.
/// </remarks>
internal static class ServerWarmUp
{
    private static readonly Lazy<int> s_done = new(Run);

    /// <summary>Once per process.</summary>
    public static void Ensure() => _ = s_done.Value;

    private static int Run()
    {
        var context = new HttpContext(new HttpLimits());
        var output = new ArrayBufferWriter<byte>();
        var date = new DateHeader();
        date.Update(DateTimeOffset.UnixEpoch);
        context.Reader.Read("GET /?a=b HTTP/1.1\r\nHost: a\r\nX-Other: 1\r\n\r\n"u8, out _);
        ResponseHead head = context.Response.Head;
        head.Headers.Set(KnownHeader.ContentType, "text/plain"u8);
        context.Writer.WriteWhole(output, head, context.Reader.Head, date.Encoded, "hello"u8);
        _ = context.ToString() + context.Request + context.Response;
        context.Recycle();

        context.Reader.Read("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"u8, out _);
        context.Reader.Read("1\r\na\r\n0\r\n\r\n"u8, out _);
        context.Writer.WriteHead(output, context.Response.Head, context.Reader.Head, date.Encoded);
        context.Writer.WriteBody(output, "hello"u8);
        context.Writer.Complete(output);
        context.Recycle();

        LoadWhatOtherRequestsNeed();
        context.Reader.Read("not HTTP\r\n\r\n"u8, out _);
        return Describe(new RemoteProtocolException(context.Reader.Error!)).Length;
    }

    /// <summary>JSON, in problems and answers; compression; forms.</summary>
    private static void LoadWhatOtherRequestsNeed()
    {
        _ = ProblemDetails.Encode(500, "warm", "id", null);
        Span<byte> compressed = stackalloc byte[64];
        BrotliEncoder.TryCompress("warm"u8, compressed, out _);
        using (var gzip = new GZipStream(Stream.Null, CompressionLevel.Fastest))
        {
            gzip.Write("warm"u8);
        }

        using var form = new FormReader("a=b");
        _ = form.ReadForm();
    }

    /// <summary>As the log does it.</summary>
    private static string Describe(RemoteProtocolException failure)
    {
        try
        {
            throw failure;
        }
        catch (RemoteProtocolException thrown)
        {
            return thrown.ToString();
        }
    }
}
