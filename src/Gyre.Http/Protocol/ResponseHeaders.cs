using System.Diagnostics;
using System.Text;

namespace Gyre.Http.Protocol;

/// <summary>
/// The headers or trailers of a response, kept as the bytes that go on the wire, so that writing them is one copy. Made
/// once for each connection and cleared for each response; with the known names and byte values adding allocates nothing.
/// </summary>
/// <remarks>
/// <c>Content-Length</c>, <c>Transfer-Encoding</c> and <c>Connection</c> can't be added: they frame the message, and
/// <see cref="ResponseWriter"/> writes them from <see cref="ResponseHead"/> so that they can't contradict the body.
/// </remarks>
[DebuggerDisplay("{Count} lines")]
public sealed class ResponseHeaders
{
    private const int BytesInitial = 256;
    private const int BytesKept = 4096;
    private const int EntryCountInitial = 8;
    private const int StackBytesMax = 512;

    private byte[] _wire = new byte[BytesInitial];
    private Entry[] _entries = new Entry[EntryCountInitial];
    private int _length;
    private ulong _present;

    /// <summary>How many lines there are.</summary>
    public int Count { get; private set; }

    /// <summary>The line at an index; good until the next change.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1, in the order added.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such line.</exception>
    public FieldLine this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            Entry entry = _entries[index];
            return new FieldLine(
                entry.Known,
                _wire.AsSpan(entry.Start, entry.NameLength),
                _wire.AsSpan(entry.Start + entry.NameLength + 2, entry.ValueLength));
        }
    }

    /// <summary>Whether they are on their way, so that a change would be lost. Cleared with them.</summary>
    internal bool IsSent { get; set; }

    internal ReadOnlySpan<byte> Wire => _wire.AsSpan(0, _length);

    internal ulong Present => _present;

    /// <summary>Adds a line with a known name; the cheapest way.</summary>
    /// <param name="header">Not <see cref="KnownHeader.None"/>.</param>
    /// <param name="value">HTAB, printable ASCII, and bytes from 0x80 at the caller's risk.</param>
    /// <exception cref="ArgumentException">The value holds a control byte, or the writer owns the header.</exception>
    /// <exception cref="InvalidOperationException">They were sent already, as for every other change.</exception>
    public void Add(KnownHeader header, ReadOnlySpan<byte> value)
    {
        if (header == KnownHeader.None || (uint)header >= (uint)KnownHeaders.Count)
        {
            throw new ArgumentException("The header has no name; pass the name as text instead.", nameof(header));
        }

        AddChecked(header, KnownHeaders.Name(header), value);
    }

    /// <summary>Adds a line with a known name.</summary>
    /// <param name="header">Not <see cref="KnownHeader.None"/>.</param>
    /// <param name="value">HTAB and printable ASCII; encode everything else first, as the header's own rules say.</param>
    /// <exception cref="ArgumentException">
    /// The value holds a control or non-ASCII character, or the writer owns the header.
    /// </exception>
    public void Add(KnownHeader header, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Span<byte> bytes = value.Length <= StackBytesMax ? stackalloc byte[value.Length] : new byte[value.Length];
        ToAscii(value, bytes, KnownHeaders.Name(header), nameof(value));
        Add(header, bytes);
    }

    /// <summary>Adds a line.</summary>
    /// <param name="name">A token.</param>
    /// <param name="value">HTAB, printable ASCII, and bytes from 0x80 at the caller's risk.</param>
    /// <exception cref="ArgumentException">
    /// The name isn't a token, the value holds a control byte, or the writer owns the header.
    /// </exception>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!ByteClasses.IsToken(name))
        {
            throw new ArgumentException(
                $"The header name {ProtocolError.Printable(name)} is not a token: use letters, digits and hyphens.", nameof(name));
        }

        AddChecked(KnownHeaders.Find(name), name, value);
    }

    /// <summary>Adds a line.</summary>
    /// <param name="name">A token.</param>
    /// <param name="value">HTAB and printable ASCII; encode everything else first, as the header's own rules say.</param>
    /// <exception cref="ArgumentException">
    /// The name isn't a token, the value holds a control or non-ASCII character, or the writer owns the header.
    /// </exception>
    public void Add(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        int total = name.Length + value.Length;
        Span<byte> bytes = total <= StackBytesMax ? stackalloc byte[total] : new byte[total];
        Span<byte> nameBytes = bytes[..name.Length];
        ToAscii(name, nameBytes, "a header name"u8, nameof(name));
        ToAscii(value, bytes[name.Length..], nameBytes, nameof(value));
        Add(nameBytes, bytes[name.Length..]);
    }

    /// <summary>Adds a line in place of all lines of that name.</summary>
    /// <inheritdoc cref="Add(KnownHeader, ReadOnlySpan{byte})"/>
    public void Set(KnownHeader header, ReadOnlySpan<byte> value)
    {
        int before = Count;
        Add(header, value);
        RemoveBefore(before, KnownHeaders.Name(header), header);
    }

    /// <summary>Adds a line in place of all lines of that name.</summary>
    /// <inheritdoc cref="Add(KnownHeader, string)"/>
    public void Set(KnownHeader header, string value)
    {
        int before = Count;
        Add(header, value);
        RemoveBefore(before, KnownHeaders.Name(header), header);
    }

    /// <summary>Adds a line in place of all lines of that name.</summary>
    /// <inheritdoc cref="Add(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    public void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        int before = Count;
        Add(name, value);
        RemoveBefore(before, name, _entries[before].Known);
    }

    /// <summary>Adds a line in place of all lines of that name.</summary>
    /// <inheritdoc cref="Add(string, string)"/>
    public void Set(string name, string value)
    {
        int before = Count;
        Add(name, value);
        RemoveBefore(before, Encoding.ASCII.GetBytes(name), _entries[before].Known);
    }

    /// <summary>Removes all lines of a known name.</summary>
    /// <param name="header">Which.</param>
    /// <returns>Whether there were any.</returns>
    public bool Remove(KnownHeader header) => Contains(header) && RemoveBefore(Count, KnownHeaders.Name(header), header);

    /// <summary>Removes all lines of a name.</summary>
    /// <param name="name">In any case.</param>
    /// <returns>Whether there were any.</returns>
    public bool Remove(ReadOnlySpan<byte> name) =>
        ByteClasses.IsToken(name) && RemoveBefore(Count, name, KnownHeaders.Find(name));

    /// <summary>Whether a known header was added; one bit is looked at.</summary>
    /// <param name="header">Which.</param>
    /// <returns><see langword="true"/> also when its value is empty.</returns>
    public bool Contains(KnownHeader header) => (_present & FieldSection.Bit(header)) != 0;

    /// <summary>Finds the first line of a known name.</summary>
    /// <param name="header">Which.</param>
    /// <param name="value">Its value, good until the next change; or empty.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGetValue(KnownHeader header, out ReadOnlySpan<byte> value)
    {
        value = default;
        return Contains(header) && TryGetValue(KnownHeaders.Name(header), out value);
    }

    /// <summary>Finds the first line of a name.</summary>
    /// <param name="name">In any case.</param>
    /// <param name="value">Its value, good until the next change; or empty.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        for (int i = 0; i < Count; i++)
        {
            FieldLine line = this[i];
            if (Ascii.EqualsIgnoreCase(line.Name, name))
            {
                value = line.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Removes all lines; keeps a buffer of up to 4 KiB.</summary>
    public void Clear()
    {
        IsSent = false;
        Count = 0;
        _length = 0;
        _present = 0;
        if (_wire.Length > BytesKept)
        {
            _wire = new byte[BytesInitial];
        }
    }

    /// <summary>Removes the lines from an index on.</summary>
    internal void Truncate(int count)
    {
        if (count >= Count)
        {
            return;
        }

        _length = _entries[count].Start;
        Count = count;
        _present = 0;
        for (int i = 0; i < count; i++)
        {
            _present |= FieldSection.Bit(_entries[i].Known);
        }
    }

    private static void ToAscii(string text, Span<byte> bytes, ReadOnlySpan<byte> header, string parameter)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c > 0x7E || (c < 0x20 && c != '\t'))
            {
                throw new ArgumentException(
                    $"The text for {ProtocolError.Printable(header)} holds U+{(int)c:X4} at index {i}; "
                    + "only printable ASCII and HTAB can be sent.",
                    parameter);
            }

            bytes[i] = (byte)c;
        }
    }

    private void AddChecked(KnownHeader known, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        VerifyNotSent();
        int bad = value.IndexOfAny(ByteClasses.Control);
        if (bad >= 0 || known is KnownHeader.ContentLength or KnownHeader.TransferEncoding or KnownHeader.Connection)
        {
            throw Refusal(name, value, bad);
        }

        int start = _length;
        int end = start + name.Length + value.Length + 4;
        if (end > _wire.Length || Count == _entries.Length)
        {
            Grow(end);
        }

        Span<byte> line = _wire.AsSpan(start, end - start);
        name.CopyTo(line);
        line[name.Length] = (byte)':';
        line[name.Length + 1] = (byte)' ';
        value.CopyTo(line[(name.Length + 2)..]);
        line[^2] = ByteClasses.CarriageReturn;
        line[^1] = ByteClasses.LineFeed;
        _length = end;
        _entries[Count++] = new Entry(start, name.Length, value.Length, known);
        _present |= FieldSection.Bit(known);
    }

    private static ArgumentException Refusal(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int bad)
    {
        string shown = ProtocolError.Printable(name);
        return bad >= 0
            ? new ArgumentException(
                $"The value of header {shown} holds the control byte 0x{value[bad]:X2} at index {bad}; "
                + "it could start another header or response.",
                nameof(value))
            : new ArgumentException(
                $"The header {shown} is written by ResponseWriter; set ContentLength or Close of the ResponseHead instead.", nameof(name));
    }

    private void Grow(int bytes)
    {
        int capacity = _wire.Length;
        while (capacity < bytes)
        {
            capacity *= 2;
        }

        Array.Resize(ref _wire, capacity);
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }
    }

    /// <summary>Removes the lines of a name among the first ones, and closes the gaps.</summary>
    private void VerifyNotSent()
    {
        if (IsSent)
        {
            throw new InvalidOperationException("The head of the response was sent already; set its headers before the first write.");
        }
    }

    private bool RemoveBefore(int end, ReadOnlySpan<byte> name, KnownHeader known)
    {
        VerifyNotSent();
        // Marked first and moved later: the name may be a span of this very collection.
        int removed = 0;
        for (int i = 0; i < end; i++)
        {
            Entry entry = _entries[i];
            bool isSame = entry.Known == known
                && (known != KnownHeader.None || Ascii.EqualsIgnoreCase(_wire.AsSpan(entry.Start, entry.NameLength), name));
            if (isSame)
            {
                _entries[i] = entry with { IsRemoved = true };
                removed++;
            }
        }

        if (removed == 0)
        {
            return false;
        }

        Compact();
        if (end == Count + removed)
        {
            _present &= ~FieldSection.Bit(known);
        }

        return true;
    }

    private void Compact()
    {
        int kept = 0;
        int length = 0;
        for (int i = 0; i < Count; i++)
        {
            Entry entry = _entries[i];
            if (entry.IsRemoved)
            {
                continue;
            }

            _wire.AsSpan(entry.Start, entry.WireLength).CopyTo(_wire.AsSpan(length));
            _entries[kept++] = entry with { Start = length };
            length += entry.WireLength;
        }

        Count = kept;
        _length = length;
    }

    private readonly record struct Entry(int Start, int NameLength, int ValueLength, KnownHeader Known, bool IsRemoved = false)
    {
        internal int WireLength => NameLength + ValueLength + 4;
    }
}
