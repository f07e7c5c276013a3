using System.Collections.Concurrent;
using System.Text;

namespace Gyre.Http.Tests.Middleware;

/// <summary>Keeps the lines of an access log.</summary>
internal sealed class ListSink : AccessLogSink
{
    public ConcurrentQueue<string> Lines { get; } = [];

    /// <summary>What a write waits for, if it does.</summary>
    public Func<ValueTask>? Gate { get; init; }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> lines)
    {
        if (Gate is { } gate)
        {
            await gate();
        }

        string text = Encoding.Latin1.GetString(lines.Span);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        foreach (string line in text[..^1].Split('\n'))
        {
            Lines.Enqueue(line);
        }
    }
}
