using System.Text;

namespace Gyre.Http.Fuzz.Engine;

/// <summary>Changes inputs at random: the same seed and the same inputs give the same changes.</summary>
internal sealed class Mutator
{
    private const int StackMax = 8;

    private static readonly byte[] s_interesting =
        [0, 1, 0x7F, 0x80, 0xFF, (byte)'\r', (byte)'\n', (byte)' ', (byte)'\t', (byte)':', (byte)';', (byte)',', (byte)'"', (byte)'\\',
         (byte)'=', (byte)'/', (byte)'%', (byte)'.', (byte)'0', (byte)'9', (byte)'-', (byte)'+', (byte)'a', (byte)'F', (byte)'*', (byte)'?'];

    private readonly Random _random;
    private readonly int _lengthMax;
    private readonly byte[][] _words;
    private byte[] _bytes;
    private int _length;

    internal Mutator(Random random, int lengthMax, IEnumerable<string> words)
    {
        _random = random;
        _lengthMax = lengthMax;
        _words = [.. words.Select(Encoding.Latin1.GetBytes)];
        _bytes = new byte[lengthMax];
    }

    /// <summary>Makes a child of an input; good until the next call.</summary>
    internal ReadOnlySpan<byte> Mutate(ReadOnlySpan<byte> parent, ReadOnlySpan<byte> other)
    {
        _length = Math.Min(parent.Length, _lengthMax);
        parent[.._length].CopyTo(_bytes);
        int count = 1 + _random.Next(1 << _random.Next(StackMax / 2));
        for (int i = 0; i < count; i++)
        {
            MutateOnce(other);
        }

        return _bytes.AsSpan(0, _length);
    }

    private void MutateOnce(ReadOnlySpan<byte> other)
    {
        switch (_random.Next(12))
        {
            case 0 when _length > 0:
                _bytes[_random.Next(_length)] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when _length > 0:
                _bytes[_random.Next(_length)] += (byte)(_random.Next(2) == 0 ? _random.Next(1, 9) : -_random.Next(1, 9));
                break;
            case 2 when _length > 0:
                _bytes[_random.Next(_length)] = s_interesting[_random.Next(s_interesting.Length)];
                break;
            case 3 when _length > 0:
                _bytes[_random.Next(_length)] = (byte)_random.Next(256);
                break;
            case 4:
                Remove(Place(), Size());
                break;
            case 5:
                Insert(Place(), Block(_bytes.AsSpan(0, _length)).ToArray());
                break;
            case 6:
                Overwrite(Place(), Block(_bytes.AsSpan(0, _length)).ToArray());
                break;
            case 7:
                Insert(Place(), Block(other));
                break;
            case 8:
                Splice(other);
                break;
            case 9:
                Overwrite(Place(), Word());
                break;
            case 10:
                Repeat();
                break;
            default:
                Insert(Place(), Word());
                break;
        }
    }

    private int Place() => _random.Next(_length + 1);

    // Small blocks mostly: most of what is read is a few bytes long.
    private int Size() => 1 + _random.Next(1 << _random.Next(1, 7));

    private ReadOnlySpan<byte> Word() => _words.Length == 0 ? default : _words[_random.Next(_words.Length)];

    private ReadOnlySpan<byte> Block(ReadOnlySpan<byte> source)
    {
        int start = _random.Next(source.Length + 1);
        return source.Slice(start, Math.Min(Size(), source.Length - start));
    }

    // The head of one input and the tail of another.
    private void Splice(ReadOnlySpan<byte> other)
    {
        int cut = Place();
        ReadOnlySpan<byte> tail = other[_random.Next(other.Length + 1)..];
        _length = cut;
        Insert(cut, tail);
    }

    private void Repeat()
    {
        int start = Place();
        byte[] block = _bytes[start..Math.Min(start + Size(), _length)];
        int times = 1 + _random.Next(1 << _random.Next(1, 7));
        for (int i = 0; i < times; i++)
        {
            Insert(start, block);
        }
    }

    private void Remove(int at, int count)
    {
        count = Math.Min(count, _length - at);
        _bytes.AsSpan(at + count, _length - at - count).CopyTo(_bytes.AsSpan(at));
        _length -= count;
    }

    private void Insert(int at, ReadOnlySpan<byte> block)
    {
        int count = Math.Min(block.Length, _lengthMax - _length);
        _bytes.AsSpan(at, _length - at).CopyTo(_bytes.AsSpan(at + count));
        block[..count].CopyTo(_bytes.AsSpan(at));
        _length += count;
    }

    private void Overwrite(int at, ReadOnlySpan<byte> block)
    {
        int count = Math.Min(block.Length, _lengthMax - at);
        block[..count].CopyTo(_bytes.AsSpan(at));
        _length = Math.Max(_length, at + count);
    }
}
