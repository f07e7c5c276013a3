using System.Buffers;

namespace Gyre.Http.Forms;

/// <summary>A small body in pooled memory, which grows with what came, never with what was promised. Disposed once.</summary>
internal readonly struct GatheredBytes : IDisposable
{
    /// <summary>The first room, in bytes: most forms and JSON bodies fit.</summary>
    private const int BytesInitial = 4096;

    private readonly byte[] _rented;
    private readonly int _length;

    private GatheredBytes(byte[] rented, int length)
    {
        _rented = rented;
        _length = length;
    }

    public ReadOnlySpan<byte> Span => _rented.AsSpan(0, _length);

    /// <summary>Reads to the end. A checkpoint, as often as <paramref name="read"/> is.</summary>
    /// <param name="read">Reads at least one byte; 0 at the end.</param>
    /// <param name="bytesMax">The most there may be.</param>
    /// <param name="what">For the message, as a subject: <c>The body of the request</c>.</param>
    /// <exception cref="HttpException">There are more: 413.</exception>
    public static async ValueTask<GatheredBytes> ReadAsync(Func<Memory<byte>, ValueTask<int>> read, int bytesMax, string what)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Min(BytesInitial, Math.Max(1, bytesMax)));
        try
        {
            int length = 0;
            for (int count; (count = await read(buffer.AsMemory(length))) > 0;)
            {
                length += count;
                if (length > bytesMax)
                {
                    throw TooLong(bytesMax, what);
                }

                if (length == buffer.Length)
                {
                    buffer = Grow(buffer);
                }
            }

            byte[] gathered = buffer;
            buffer = [];
            return new GatheredBytes(gathered, length);
        }
        finally
        {
            if (buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    public static HttpException TooLong(int bytesMax, string what) =>
        new(413, $"{what} has more than {bytesMax} bytes, which is the most that is taken here.");

    public void Dispose() => ArrayPool<byte>.Shared.Return(_rented);

    private static byte[] Grow(byte[] full)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(full.Length * 2L, Array.MaxLength));
        full.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }
}
