using Gyre.Http.Protocol;

namespace Gyre.Http.Fields;

/// <summary>
/// The last elements of a header that is a list over all its lines. Read from the left, since only so is it known which
/// commas are within quotes, keeping as many elements as there is room for. Empty elements don't count.
/// </summary>
internal readonly ref struct ListTail
{
    private readonly ReadOnlySpan<(int Line, int Start, int Length)> _room;
    private readonly int _total;

    /// <summary>Reads a list once.</summary>
    /// <param name="headers">Of the request.</param>
    /// <param name="name">In any case.</param>
    /// <param name="hasQuotes">Whether quoted strings may stand in it.</param>
    /// <param name="room">As many elements as are of interest.</param>
    internal ListTail(FieldSection headers, ReadOnlySpan<byte> name, bool hasQuotes, Span<(int Line, int Start, int Length)> room)
    {
        _room = room;
        for (int line = headers.IndexOf(name); line >= 0 && !room.IsEmpty; line = headers.IndexOf(name, line + 1))
        {
            ReadOnlySpan<byte> list = headers.GetValue(line);
            for (int at = 0; at < list.Length;)
            {
                int length = Length(list[at..], hasQuotes);
                if (!ByteClasses.Trim(list.Slice(at, length)).IsEmpty)
                {
                    room[_total++ % room.Length] = (line, at, length);
                }

                at += length + 1;
            }
        }
    }

    /// <summary>Where an element stands.</summary>
    /// <param name="fromRight">0 for the last.</param>
    /// <returns><see langword="null"/> when there is none, or it is farther to the left than there was room for.</returns>
    internal (int Line, int Start, int Length)? Find(int fromRight) =>
        fromRight < Math.Min(_total, _room.Length) ? _room[(_total - 1 - fromRight) % _room.Length] : null;

    /// <summary>The element at a place without the white space around it; empty only for no place.</summary>
    internal static ReadOnlySpan<byte> Text(FieldSection headers, (int Line, int Start, int Length)? place) =>
        place is (int line, int start, int length) ? ByteClasses.Trim(headers.GetValue(line).Slice(start, length)) : default;

    private static int Length(ReadOnlySpan<byte> list, bool hasQuotes)
    {
        if (hasQuotes)
        {
            return QuotedString.ListElementLength(list, out _);
        }

        int comma = list.IndexOf((byte)',');
        return comma < 0 ? list.Length : comma;
    }
}
