using System.Buffers.Text;
using System.Text;

namespace Gyre.Http.Protocol;

/// <summary>Fills a span from its start. Every write is bounds-checked by the span itself.</summary>
internal ref struct SpanComposer(Span<byte> span)
{
    private readonly Span<byte> _span = span;

    internal int Length { get; private set; }

    internal void Write(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_span[Length..]);
        Length += bytes.Length;
    }

    internal void WriteAscii(string text) => Length += Encoding.ASCII.GetBytes(text, _span[Length..]);

    internal void WriteDecimal(long value)
    {
        _ = Utf8Formatter.TryFormat(value, _span[Length..], out int written);
        Length += written;
    }

    /// <summary>Lower-case hexadecimal without leading zeros.</summary>
    internal void WriteHexadecimal(long value)
    {
        _ = value.TryFormat(_span[Length..], out int written, "x");
        Length += written;
    }
}
