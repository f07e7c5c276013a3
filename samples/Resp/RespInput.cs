using System.Buffers;

namespace Gyre.Samples.Resp;

/// <summary>The bytes that were sent and not taken yet.</summary>
internal sealed class RespInput
{
    /// <summary>Room for most messages. A buffer that grew for a long one is given up when it is empty.</summary>
    private const int UsualBytes = 16 << 10;

    private byte[] _buffer = new byte[UsualBytes];
    private int _start;
    private int _end;
    private int _searched;

    /// <summary>Bytes taken since the start of the input.</summary>
    public long Position { get; private set; }

    public int Length => _end - _start;

    public byte First => _buffer[_start];

    /// <summary>Copies what was sent; the sender may reuse its memory.</summary>
    public void Append(in ReadOnlySequence<byte> sent)
    {
        if (sent.IsEmpty)
        {
            return;
        }

        MakeRoom(checked((int)sent.Length));
        sent.CopyTo(_buffer.AsSpan(_end));
        _end += (int)sent.Length;
    }

    /// <summary>The place of the next LF from the front; -1 when none has come. No byte is looked at twice.</summary>
    public int FindLineFeed()
    {
        int from = Math.Max(_searched, _start);
        int found = _buffer.AsSpan(from, _end - from).IndexOf((byte)'\n');
        _searched = found < 0 ? _end : from + found;
        return found < 0 ? -1 : from + found - _start;
    }

    /// <summary>The first bytes, which are taken; valid until the next <see cref="Append"/>.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        ReadOnlySpan<byte> taken = _buffer.AsSpan(_start, count);
        _start += count;
        Position += count;
        return taken;
    }

    private void MakeRoom(int count)
    {
        if (_start == _end && _buffer.Length > UsualBytes && count <= UsualBytes)
        {
            _buffer = new byte[UsualBytes];
            _start = _end = _searched = 0;
        }

        if (_buffer.Length - _end >= count)
        {
            return;
        }

        // Moved down where that frees half of it; a byte is thus copied a bounded number of times.
        byte[] next = Length + count <= _buffer.Length / 2 ? _buffer : new byte[Grown(checked(Length + count))];
        Buffer.BlockCopy(_buffer, _start, next, 0, Length);
        _end = Length;
        _searched = Math.Max(0, _searched - _start);
        _start = 0;
        _buffer = next;
    }

    private int Grown(int needed) => (int)Math.Min(Array.MaxLength, Math.Max(2L * _buffer.Length, needed));
}
