using System.Diagnostics;
using System.Globalization;

namespace Gyre.Http.Server;

/// <summary>The <c>Date</c> of responses, encoded once a second; RFC 9110 section 6.6.1.</summary>
[DebuggerDisplay("{System.Text.Encoding.ASCII.GetString(_encoded),nq}")]
internal sealed class DateHeader
{
    private readonly byte[] _encoded = new byte[Protocol.ResponseWriter.DateLength];

    public ReadOnlySpan<byte> Encoded => _encoded;

    public void Update(DateTimeOffset now)
    {
        bool fits = now.TryFormat(_encoded, out int written, "R", CultureInfo.InvariantCulture);
        Debug.Assert(fits && written == _encoded.Length, "An HTTP date always has 29 bytes.");
    }
}
