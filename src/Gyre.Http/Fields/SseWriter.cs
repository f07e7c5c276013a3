using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Gyre.Http.Fields;

/// <summary>
/// Writes <c>text/event-stream</c>, the HTML standard, section server-sent events: lines of <c>field: value</c>, and an
/// empty line behind each event. Characters that aren't Unicode (lone surrogates) become U+FFFD.
/// </summary>
internal static class SseWriter
{
    private const int NumberBytesMax = 20;

    private static readonly SearchValues<char> s_refused = SearchValues.Create("\r\n\0");

    /// <summary>A comment that says nothing: keeps proxies and browsers from giving a silent stream up.</summary>
    internal static ReadOnlySpan<byte> HeartBeat => ":\n\n"u8;

    /// <summary>Writes an event. Everything is checked before anything is written.</summary>
    /// <param name="output">Gets whole lines.</param>
    /// <param name="item">At least one of its parts.</param>
    /// <exception cref="ArgumentException">It has no part, a part that may have no line end or NUL has one, or the wait is negative.</exception>
    internal static void Write(IBufferWriter<byte> output, in ServerSentEvent item)
    {
        if (item is { Data: null, Event: null, Id: null, Retry: null })
        {
            throw new ArgumentException("The event is empty: set Data, or send a comment to keep the stream alive.", nameof(item));
        }

        CheckLine(item.Event, nameof(ServerSentEvent.Event));
        CheckLine(item.Id, nameof(ServerSentEvent.Id));
        if (item.Retry is TimeSpan wait && wait < TimeSpan.Zero)
        {
            throw new ArgumentException($"Retry of the event is {wait}; it must not be negative.", nameof(item));
        }

        WriteField(output, "event: "u8, item.Event);
        WriteField(output, "id: "u8, item.Id);
        if (item.Retry is TimeSpan retry)
        {
            output.Write("retry: "u8);
            _ = Utf8Formatter.TryFormat(retry.Ticks / TimeSpan.TicksPerMillisecond, output.GetSpan(NumberBytesMax), out int written);
            output.Advance(written);
            output.Write("\n"u8);
        }

        if (item.Data is not null)
        {
            WriteLines(output, "data: "u8, item.Data);
        }

        output.Write("\n"u8);
    }

    /// <summary>Writes a comment, which the browser skips.</summary>
    /// <param name="output">Gets whole lines.</param>
    /// <param name="text">May have several lines.</param>
    internal static void WriteComment(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        WriteLines(output, ": "u8, text);
        output.Write("\n"u8);
    }

    private static void CheckLine(string? text, string part)
    {
        if (text.AsSpan().IndexOfAny(s_refused) is >= 0 and int at)
        {
            throw new ArgumentException(
                $"{part} of the event holds U+{(int)text![at]:X4} at index {at}; it must be one line without NUL.", part);
        }
    }

    private static void WriteField(IBufferWriter<byte> output, ReadOnlySpan<byte> field, string? text)
    {
        if (text is not null)
        {
            WriteLine(output, field, text);
        }
    }

    private static void WriteLines(IBufferWriter<byte> output, ReadOnlySpan<byte> field, ReadOnlySpan<char> text)
    {
        while (true)
        {
            int end = text.IndexOfAny('\r', '\n');
            if (end < 0)
            {
                WriteLine(output, field, text);
                return;
            }

            WriteLine(output, field, text[..end]);
            int endLength = text[end..].StartsWith("\r\n") ? 2 : 1;
            text = text[(end + endLength)..];
        }
    }

    // The space after the colon is the one that the reader takes off, so that a value's own spaces stay.
    private static void WriteLine(IBufferWriter<byte> output, ReadOnlySpan<byte> field, ReadOnlySpan<char> text)
    {
        output.Write(field);
        Encoding.UTF8.GetBytes(text, output);
        output.Write("\n"u8);
    }
}
