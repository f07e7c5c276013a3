using System.Globalization;
using System.Text;

namespace Gyre.Http.Server;

/// <summary>The <c>Date</c> of responses, encoded once a second; RFC 9110 section 6.6.1.</summary>
internal sealed class DateHeader
{
    private readonly byte[] _encoded = new byte[29];

    public ReadOnlySpan<byte> Encoded => _encoded;

    public void Update(DateTimeOffset now) =>
        Encoding.ASCII.GetBytes(now.UtcDateTime.ToString("R", CultureInfo.InvariantCulture), _encoded);
}
