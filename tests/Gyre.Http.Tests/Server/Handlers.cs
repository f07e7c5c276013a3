using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Server;

/// <summary>Handlers that several tests use.</summary>
internal static class Handlers
{
    public static ValueTask Hello(HttpContext context)
    {
        context.Response.Headers.Add(KnownHeader.ContentType, "text/plain"u8);
        context.Response.Send("Hello, World!"u8);
        return default;
    }

    /// <summary>Answers with the path and query, so that a test can tell answers apart.</summary>
    public static ValueTask Echo(HttpContext context)
    {
        context.Response.Send($"{context.Request.Path}?{context.Request.Query}");
        return default;
    }

    /// <summary>Answers with how long the body was and what it said.</summary>
    public static async ValueTask EchoBody(HttpContext context)
    {
        string body = await ReadTextAsync(context);
        context.Response.Send($"{body.Length}:{body}");
    }

    public static async Task<string> ReadTextAsync(HttpContext context)
    {
        using var all = new MemoryStream();
        byte[] piece = new byte[4096];
        for (int count; (count = await context.Request.ReadBodyAsync(piece)) > 0;)
        {
            all.Write(piece, 0, count);
        }

        return System.Text.Encoding.Latin1.GetString(all.ToArray());
    }
}
