using System.Buffers;
using System.Text;
using Gyre.Http;
using Gyre.Http.Fields;
using Gyre.Http.Protocol;

namespace Gyre.Samples.KitchenSink;

/// <summary>A route for each thing that a server does.</summary>
internal static class Routes
{
    private const int ChunksMax = 100_000;
    private const int MillisecondsMax = 60_000;
    private const int PieceBytes = 64 * 1024;

    public static void Add(HttpServer server) => server
        .Get("/", SayHello)
        .Post("/", EchoBodyAsync)
        .Map("/echo", EchoHeaders)
        .Map("/mirror", MirrorAsync)
        .Get("/cookie", EchoCookies)
        .Get("/users/{id}", SendUser)
        .Get("/stream", SendChunksAsync)
        .Get("/sse", SendEventsAsync)
        .Get("/slow", AnswerLateAsync)
        .Map("/upload", Uploads.DigestAsync)
        .Post("/form", Uploads.ListPartsAsync)
        .Get("/block", Block)
        .Get("/throw", static _ => throw new InvalidOperationException("This route always fails."))
        .MapHealth("/health")
        .MapReady("/ready");

    private static ValueTask SayHello(HttpContext context)
    {
        context.Response.Headers.Set(KnownHeader.ContentType, "text/plain"u8);
        context.Response.Send("Hello, World!"u8);
        return default;
    }

    /// <summary>
    /// What comes goes back: a small body once it is whole, so that one which is cut short is answered for what it is; of a longer one each piece
    /// as it comes, so that a body of any length passes through.
    /// </summary>
    private static async ValueTask EchoBodyAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        context.Response.Headers.Set(KnownHeader.ContentType, request.ContentType ?? "application/octet-stream");
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            int filled = await FillAsync(request, piece);
            if (filled < piece.Length)
            {
                context.Response.Send(piece.AsSpan(0, filled));
                return;
            }

            context.Response.ContentLength = request.ContentLength;
            for (; filled > 0; filled = await request.ReadBodyAsync(piece))
            {
                await context.Response.WriteAsync(piece.AsMemory(0, filled));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    private static async ValueTask<int> FillAsync(HttpRequest request, byte[] piece)
    {
        int filled = 0;
        int count = 1;
        while (count > 0 && filled < piece.Length)
        {
            count = await request.ReadBodyAsync(piece.AsMemory(filled));
            filled += count;
        }

        return filled;
    }

    private static ValueTask EchoHeaders(HttpContext context)
    {
        var lines = new StringBuilder();
        foreach (FieldLine line in context.Request.Headers)
        {
            lines.Append(Encoding.Latin1.GetString(line.Name)).Append(": ").Append(Encoding.Latin1.GetString(line.Value)).Append('\n');
        }

        context.Response.Send(lines.ToString());
        return default;
    }

    /// <summary>The whole request, as it was understood: tells apart what stood in its head and what in its body.</summary>
    private static async ValueTask MirrorAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        byte[] body = await request.ReadBytesAsync();
        var head = new StringBuilder($"{Encoding.Latin1.GetString(request.Head.MethodSpan)} {request.Path}\n");
        foreach (FieldLine line in request.Headers)
        {
            head.Append(Encoding.Latin1.GetString(line.Name)).Append(": ").Append(Encoding.Latin1.GetString(line.Value)).Append('\n');
        }

        context.Response.Headers.Set(KnownHeader.ContentType, "application/octet-stream"u8);
        context.Response.Send([.. Encoding.Latin1.GetBytes(head.Append('\n').ToString()), .. body]);
    }

    private static ValueTask EchoCookies(HttpContext context)
    {
        var lines = new StringBuilder();
        foreach ((string name, string value) in context.Request.Cookies())
        {
            lines.Append(name).Append('=').Append(value).Append('\n');
        }

        context.Response.SetCookie("seen", "yes");
        context.Response.Send(lines.ToString());
        return default;
    }

    private static ValueTask SendUser(HttpContext context)
    {
        context.Response.SendJson(new User(context.Route["id"]!, $"User {context.Route["id"]}"), SinkJson.Default.User);
        return default;
    }

    private static async ValueTask SendChunksAsync(HttpContext context)
    {
        int count = Math.Clamp(context.Request.GetQueryInt32("n") ?? 10, 0, ChunksMax);
        context.Response.Headers.Set(KnownHeader.ContentType, "text/plain"u8);
        for (int i = 0; i < count; i++)
        {
            await context.Response.WriteAsync(Encoding.ASCII.GetBytes($"chunk {i}\n"));
        }
    }

    private static ValueTask SendEventsAsync(HttpContext context)
    {
        int count = Math.Clamp(context.Request.GetQueryInt32("n") ?? int.MaxValue, 0, int.MaxValue);
        return context.Response.SendEventsAsync(TickAsync(count));
    }

    private static async IAsyncEnumerable<ServerSentEvent> TickAsync(int count)
    {
        for (int i = 0; i < count; i++)
        {
            yield return new ServerSentEvent { Id = $"{i}", Event = "tick", Data = $"{i}" };
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(100));
        }
    }

    private static async ValueTask AnswerLateAsync(HttpContext context)
    {
        await Coroutine.SleepAsync(Milliseconds(context));
        context.Response.Send("late");
    }

    /// <summary>What a handler must never do: the loop stands still, and the watchdog names this coroutine.</summary>
    private static ValueTask Block(HttpContext context)
    {
        Thread.Sleep(Milliseconds(context));
        context.Response.Send("blocked");
        return default;
    }

    private static TimeSpan Milliseconds(HttpContext context) =>
        TimeSpan.FromMilliseconds(Math.Clamp(context.Request.GetQueryInt32("ms") ?? 100, 0, MillisecondsMax));
}
