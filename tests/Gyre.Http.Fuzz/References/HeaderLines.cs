using Gyre.Http.Protocol;

namespace Gyre.Http.Fuzz.References;

/// <summary>Header lines as a reader hands them over; each target has one.</summary>
internal sealed class HeaderLines
{
    private readonly RequestReader _reader = new();

    internal FieldSection Section => _reader.Head.Headers;

    /// <summary>Reads lines, each named, parted by LF in the input.</summary>
    /// <returns>False when no head can hold them.</returns>
    internal bool TryRead(string name, ReadOnlySpan<byte> values) => TryRead(Compose(name, values));

    /// <summary>Reads whole lines.</summary>
    /// <param name="lines">Each with its CR LF.</param>
    internal bool TryRead(ReadOnlySpan<byte> lines)
    {
        _reader.Recycle();
        byte[] head = [.. "GET / HTTP/1.1\r\nHost: x\r\n"u8, .. lines, .. "\r\n"u8];
        return _reader.Read(head, out int consumed) == ReaderEvent.Head && consumed == head.Length;
    }

    private static byte[] Compose(string name, ReadOnlySpan<byte> values)
    {
        List<byte> lines = [];
        foreach (Range range in values.Split((byte)'\n'))
        {
            lines.AddRange(System.Text.Encoding.ASCII.GetBytes(name));
            lines.Add((byte)':');
            lines.AddRange(values[range]);
            lines.AddRange("\r\n"u8);
        }

        return [.. lines];
    }
}
