using System.Globalization;
using System.Text;
using Gyre.Http.Fields;
using Gyre.Http.Protocol;

namespace Gyre.Http;

/// <summary>What header fields, query and cookies say, beyond their bytes.</summary>
public sealed partial class HttpRequest
{
    /// <summary>Bytes of a name that are put on the stack; longer ones are rare enough to allocate.</summary>
    private const int NameStackBytesMax = 256;

    /// <summary>The value of <c>User-Agent</c> (RFC 9110 section 10.1.5); null when it is missing. Whatever the peer likes.</summary>
    public string? UserAgent => GetHeader(KnownHeader.UserAgent);

    /// <summary>The value of <c>Referer</c> (RFC 9110 section 10.1.3), the page that led here; null when it is missing.</summary>
    public string? Referer => GetHeader(KnownHeader.Referer);

    /// <summary>The value of <c>Origin</c> (RFC 6454): the site whose page made the request, or <c>null</c> as text; null when it is missing.</summary>
    public string? Origin => GetHeader(KnownHeader.Origin);

    /// <summary>The credentials, scheme and all (RFC 9110 section 11.6.2); null when they are missing. Keep them out of logs.</summary>
    public string? Authorization => GetHeader(KnownHeader.Authorization);

    /// <summary>
    /// The id of the last event that a browser's <c>EventSource</c> got before it connected again; null when this is its first time,
    /// or events have no ids.
    /// </summary>
    public string? LastEventId => GetHeader(KnownHeader.LastEventId) is { } id ? Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(id)) : null;

    /// <summary>
    /// The first value of a known header as a date in any of the three forms of RFC 9110 section 5.6.7, in UTC; null when it is missing
    /// or no date, which that RFC treats alike.
    /// </summary>
    /// <param name="header">For example <see cref="KnownHeader.IfModifiedSince"/>.</param>
    public DateTimeOffset? GetDate(KnownHeader header) =>
        Headers.TryGetValue(header, out ReadOnlySpan<byte> value)
            && HttpDate.TryParse(value, EventLoop.Current.Clock.GetUtcNow(), out DateTimeOffset date)
                ? date
                : null;

    /// <summary>
    /// The first value of a known header as a number; null when it is missing or anything but digits (no sign, no space), or too large.
    /// </summary>
    /// <param name="header">For example <see cref="KnownHeader.MaxForwards"/>.</param>
    public long? GetInt64(KnownHeader header) =>
        Headers.TryGetValue(header, out ReadOnlySpan<byte> value)
            && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                ? number
                : null;

    /// <summary>
    /// The elements of a known header that is a list, RFC 9110 section 5.6.1: of all its lines together, in order, without empty ones;
    /// a comma within quotes parts nothing. Text as <see cref="GetHeader(KnownHeader)"/> gives it, quotes and parameters included.
    /// </summary>
    /// <param name="header">For example <see cref="KnownHeader.AcceptLanguage"/>.</param>
    /// <returns>Empty when the header is missing.</returns>
    public IReadOnlyList<string> GetList(KnownHeader header)
    {
        List<string>? elements = null;
        for (int line = Headers.IndexOf(header); line >= 0; line = Headers.NextIndexOf(header, line + 1))
        {
            ReadOnlySpan<byte> rest = Headers.GetValue(line);
            while (!rest.IsEmpty)
            {
                int length = QuotedString.ListElementLength(rest, out _);
                ReadOnlySpan<byte> element = ByteClasses.Trim(rest[..length]);
                rest = rest[Math.Min(length + 1, rest.Length)..];
                if (!element.IsEmpty)
                {
                    (elements ??= []).Add(Encoding.Latin1.GetString(element));
                }
            }
        }

        return elements ?? (IReadOnlyList<string>)[];
    }

    /// <summary>
    /// The value of the first pair of that name in the query, decoded (<c>+</c> and percent, as UTF-8; what isn't becomes U+FFFD); empty
    /// for a name without <c>=</c>, null when there is none. Looks at the first 1024 pairs, as in ASP.NET Core.
    /// </summary>
    /// <param name="name">Decoded, in its case.</param>
    public string? GetQuery(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        ReadOnlySpan<byte> query = Head.QuerySpan;
        if (query.IsEmpty)
        {
            return null;
        }

        int bytesMax = Encoding.UTF8.GetMaxByteCount(name.Length);
        Span<byte> bytes = bytesMax <= NameStackBytesMax ? stackalloc byte[NameStackBytesMax] : new byte[bytesMax];
        return QueryReader.FindFirst(query, bytes[..Encoding.UTF8.GetBytes(name, bytes)]);
    }

    /// <summary>As <see cref="GetQuery"/>, a whole number, with a minus sign at most; null when there is none.</summary>
    /// <param name="name">Decoded, in its case.</param>
    /// <exception cref="HttpException">It is there and isn't such a number: 400.</exception>
    public int? GetQueryInt32(string name) => GetQuery(name) switch
    {
        null => null,
        { } text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && IsPlain(text) => number,
        { } text => throw NotANumber(name, text, int.MinValue, int.MaxValue),
    };

    /// <inheritdoc cref="GetQueryInt32"/>
    public long? GetQueryInt64(string name) => GetQuery(name) switch
    {
        null => null,
        { } text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && IsPlain(text) => number,
        { } text => throw NotANumber(name, text, long.MinValue, long.MaxValue),
    };

    /// <summary>All pairs of the query in order, decoded as <see cref="GetQuery"/> does; a list of its own, which may be kept.</summary>
    /// <exception cref="HttpException">There are more than 1024: 400.</exception>
    public IReadOnlyList<KeyValuePair<string, string>> QueryPairs()
    {
        List<KeyValuePair<string, string>>? pairs = null;
        QueryReader reader = new(Head.QuerySpan);
        while (reader.MoveNext())
        {
            (pairs ??= []).Add(new(QueryReader.DecodeToString(reader.Name), QueryReader.DecodeToString(reader.Value)));
        }

        return reader.IsTruncated
            ? throw new HttpException(400, $"The query has more than {QueryReader.PairsMaxDefault} parameters.")
            : pairs ?? (IReadOnlyList<KeyValuePair<string, string>>)[];
    }

    /// <summary>
    /// The value of the first cookie of that name, without quotes around it and not decoded otherwise; null when there is none. What a
    /// browser sends and what somebody made up look the same.
    /// </summary>
    /// <param name="name">In its case.</param>
    public string? GetCookie(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!Headers.Contains(KnownHeader.Cookie))
        {
            return null;
        }

        Span<byte> bytes = name.Length <= NameStackBytesMax ? stackalloc byte[NameStackBytesMax] : new byte[name.Length];
        return CookieReader.TryFind(Headers, bytes[..Encoding.Latin1.GetBytes(name, bytes)], out ReadOnlySpan<byte> value)
            ? Encoding.Latin1.GetString(value)
            : null;
    }

    /// <summary>
    /// All cookies in order, the first 200 at most (browsers keep 180 for a site); malformed ones are skipped. A list of its own, which
    /// may be kept.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Cookies()
    {
        List<KeyValuePair<string, string>>? cookies = null;
        CookieReader reader = new(Headers);
        while (reader.MoveNext())
        {
            (cookies ??= []).Add(new(Encoding.Latin1.GetString(reader.Name), Encoding.Latin1.GetString(reader.Value)));
        }

        return cookies ?? (IReadOnlyList<KeyValuePair<string, string>>)[];
    }

    /// <summary>A plus sign in a query is a space; one that was written <c>%2B</c> isn't wanted either.</summary>
    private static bool IsPlain(string text) => text[0] != '+';

    private static HttpException NotANumber(string name, string text, long least, long most) => new(400, string.Create(
        CultureInfo.InvariantCulture,
        $"The parameter {name} of the query is {ProtocolError.Printable(Encoding.UTF8.GetBytes(text))}; it must be a whole number from {least} to {most}."));
}
