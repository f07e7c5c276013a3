using System.Numerics;
using System.Diagnostics;
using System.Text;

namespace Gyre.Http.Protocol;

/// <summary>
/// The header lines or the trailer lines of one request, in the order received. Spans and lines taken from it are good
/// until <see cref="RequestReader.Reset"/>; reading it allocates nothing.
/// </summary>
[DebuggerDisplay("{Count} lines")]
public sealed class FieldSection
{
    private const int EntryCountInitial = 16;

    private readonly ByteStore _store;
    private readonly byte[] _firstOfKnown = new byte[KnownHeaders.Count];
    private Entry[] _entries = new Entry[EntryCountInitial];
    private ulong _present;
    private ulong _repeated;

    internal FieldSection(ByteStore store) => _store = store;

    /// <summary>How many lines there are; the same name may occur more than once.</summary>
    public int Count { get; private set; }

    /// <summary>The line at an index.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such line.</exception>
    public FieldLine this[int index] => new(GetKnown(index), GetName(index), GetValue(index));

    /// <summary>The name of the line at an index, as received.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    /// <returns>A token.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such line.</exception>
    public ReadOnlySpan<byte> GetName(int index)
    {
        ref readonly Entry entry = ref At(index);
        return _store.Slice(entry.NameStart, entry.NameLength);
    }

    /// <summary>The value of the line at an index, without the white space around it.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    /// <returns>See <see cref="FieldLine.Value"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such line.</exception>
    public ReadOnlySpan<byte> GetValue(int index)
    {
        ref readonly Entry entry = ref At(index);
        return _store.Slice(entry.ValueStart, entry.ValueLength);
    }

    /// <summary>Which known header the line at an index is.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    /// <returns><see cref="KnownHeader.None"/> for every other name.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such line.</exception>
    public KnownHeader GetKnown(int index) => At(index).Known;

    /// <summary>Whether a known header occurs; one bit is looked at.</summary>
    /// <param name="header">Not <see cref="KnownHeader.None"/>, which never occurs.</param>
    /// <returns><see langword="true"/> also when its value is empty.</returns>
    public bool Contains(KnownHeader header) => (_present & Bit(header)) != 0;

    /// <summary>Whether a known header occurs more than once; one bit is looked at.</summary>
    /// <param name="header">Not <see cref="KnownHeader.None"/>.</param>
    /// <returns><see langword="true"/> for two lines or more.</returns>
    public bool IsRepeated(KnownHeader header) => (_repeated & Bit(header)) != 0;

    /// <summary>Finds the first line of a known header; costs an array access.</summary>
    /// <param name="header">Which.</param>
    /// <param name="value">Its value, or empty.</param>
    /// <returns>Whether it occurs.</returns>
    public bool TryGetValue(KnownHeader header, out ReadOnlySpan<byte> value)
    {
        int index = IndexOf(header);
        value = index >= 0 ? GetValue(index) : default;
        return index >= 0;
    }

    /// <summary>Finds the first line of a name; looks at each line unless the name is a known one.</summary>
    /// <param name="name">In any case.</param>
    /// <param name="value">Its value, or empty.</param>
    /// <returns>Whether it occurs.</returns>
    public bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        int index = IndexOf(name);
        value = index >= 0 ? GetValue(index) : default;
        return index >= 0;
    }

    /// <summary>The index of the first line of a known header.</summary>
    /// <param name="header">Which.</param>
    /// <returns>-1 when it doesn't occur.</returns>
    public int IndexOf(KnownHeader header) => !Contains(header) ? -1
        : _firstOfKnown[(int)header] is byte index and < byte.MaxValue ? index : NextIndexOf(header, byte.MaxValue);

    /// <summary>The index of the first line of a name, from a line on.</summary>
    /// <param name="name">In any case.</param>
    /// <param name="start">The first index to look at; for repeated lines pass the last result plus 1.</param>
    /// <returns>-1 when there is none.</returns>
    public int IndexOf(ReadOnlySpan<byte> name, int start = 0)
    {
        for (int i = start; i < Count; i++)
        {
            if (_entries[i].NameLength == name.Length && Ascii.EqualsIgnoreCase(GetName(i), name))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The index of the first line of a known header, from a line on.</summary>
    /// <param name="header">Which.</param>
    /// <param name="start">The first index to look at; for repeated lines pass the last result plus 1.</param>
    /// <returns>-1 when there is none.</returns>
    public int NextIndexOf(KnownHeader header, int start)
    {
        for (int i = start; i < Count; i++)
        {
            if (_entries[i].Known == header)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Enumerates the lines in the order received, without allocating.</summary>
    /// <returns>For <see langword="foreach"/>.</returns>
    public Enumerator GetEnumerator() => new(this);

    internal void Clear()
    {
        Count = 0;
        _present = 0;
        _repeated = 0;
    }

    internal void ShrinkAbove(int count)
    {
        if (Count == 0 && _entries.Length > count)
        {
            _entries = new Entry[EntryCountInitial];
        }
    }

    /// <summary>Adds a line whose bytes are, or will be, at these positions of the store.</summary>
    internal void Add(KnownHeader known, int nameStart, int nameLength, int valueStart, int valueLength)
    {
        int index = Count;
        if (index == _entries.Length)
        {
            Array.Resize(ref _entries, index * 2);
        }

        _entries[index] = new Entry(known, nameStart, nameLength, valueStart, valueLength);
        Count = index + 1;
        if (known == KnownHeader.None)
        {
            return;
        }

        ulong bit = Bit(known);
        if ((_present & bit) == 0)
        {
            _present |= bit;
            _firstOfKnown[(int)known] = (byte)Math.Min(index, byte.MaxValue);
        }
        else
        {
            _repeated |= bit;
        }
    }

    /// <summary>Whether any of a set of known headers occurs.</summary>
    internal bool ContainsAny(ulong bits) => (_present & bits) != 0;

    /// <summary>Whether there may be lines with a name that isn't known: surely not, or perhaps.</summary>
    internal bool MayHoldOthers => Count > BitOperations.PopCount(_present);

    internal TextRange ValueRange(int index)
    {
        ref readonly Entry entry = ref At(index);
        return new TextRange(entry.ValueStart, entry.ValueLength);
    }

    /// <summary>What stands between the colon and the CR, white space included.</summary>
    internal ReadOnlySpan<byte> RawValue(int index)
    {
        ref readonly Entry entry = ref At(index);
        int start = entry.NameStart + entry.NameLength + 1;
        ReadOnlySpan<byte> rest = _store.Slice(start, _store.Length - start);
        return rest[..rest.IndexOf((byte)'\r')];
    }

    internal static ulong Bit(KnownHeader header) => (1ul << (int)header) & ~1ul;

    private ref readonly Entry At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return ref _entries[index];
    }

    /// <summary>Walks a <see cref="FieldSection"/>.</summary>
    public struct Enumerator
    {
        private readonly FieldSection _section;
        private int _index;

        internal Enumerator(FieldSection section)
        {
            _section = section;
            _index = -1;
        }

        /// <summary>The line that <see cref="MoveNext"/> moved to.</summary>
        public readonly FieldLine Current => _section[_index];

        /// <summary>Moves to the next line.</summary>
        /// <returns><see langword="false"/> after the last one.</returns>
        public bool MoveNext() => ++_index < _section.Count;
    }

    /// <summary>16 bytes: the known header shares a word with the length of the name.</summary>
    private readonly struct Entry(KnownHeader known, int nameStart, int nameLength, int valueStart, int valueLength)
    {
        private readonly uint _nameLengthAndKnown = ((uint)nameLength << 8) | (uint)known;

        internal int NameStart { get; } = nameStart;

        internal int ValueStart { get; } = valueStart;

        internal int ValueLength { get; } = valueLength;

        internal int NameLength => (int)(_nameLengthAndKnown >> 8);

        internal KnownHeader Known => (KnownHeader)(byte)_nameLengthAndKnown;
    }
}
