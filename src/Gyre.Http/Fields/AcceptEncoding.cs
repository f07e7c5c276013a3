using Gyre.Http.Protocol;

namespace Gyre.Http.Fields;

/// <summary>
/// Chooses a content coding, RFC 9110 section 12.5.3: the heaviest that is offered, among equals the first offered.
/// Identity that the client doesn't name is acceptable but lighter than what it names. Without the header, or with one
/// that can't be read, it is identity: whoever doesn't ask may be unable to undo a coding. Of a coding that is named twice
/// the first counts.
/// </summary>
internal static class AcceptEncoding
{
    private const int CodingCount = (int)ContentCoding.Zstandard + 1;
    private const int Unnamed = -1;

    /// <summary>Chooses among codings; allocates nothing.</summary>
    /// <param name="headers">Of the request; several lines are one list.</param>
    /// <param name="offered">What the server could send, its favourite first; identity is offered always.</param>
    internal static ContentCoding Negotiate(FieldSection headers, ReadOnlySpan<ContentCoding> offered)
    {
        Span<int> weights = stackalloc int[CodingCount];
        weights.Fill(Unnamed);
        int others = Unnamed;
        for (int i = headers.IndexOf(KnownHeader.AcceptEncoding); i >= 0; i = headers.NextIndexOf(KnownHeader.AcceptEncoding, i + 1))
        {
            if (!TryWeigh(headers.GetValue(i), weights, ref others))
            {
                return ContentCoding.Identity;
            }
        }

        return Choose(weights, others, offered);
    }

    /// <summary>The name of a coding as it stands in <c>Content-Encoding</c>; empty for identity, which isn't sent.</summary>
    internal static ReadOnlySpan<byte> Name(ContentCoding coding) => coding switch
    {
        ContentCoding.Gzip => "gzip"u8,
        ContentCoding.Brotli => "br"u8,
        ContentCoding.Zstandard => "zstd"u8,
        _ => default,
    };

    private static ContentCoding Choose(ReadOnlySpan<int> weights, int others, ReadOnlySpan<ContentCoding> offered)
    {
        ContentCoding best = ContentCoding.NotAcceptable;
        int heaviest = 0;
        foreach (ContentCoding coding in offered)
        {
            int weight = coding == ContentCoding.Identity ? Unnamed : Weight(weights, others, coding);
            if (weight > heaviest)
            {
                best = coding;
                heaviest = weight;
            }
        }

        int identity = Weight(weights, others, ContentCoding.Identity);
        bool isBetter = identity > heaviest || (identity == Unnamed && best == ContentCoding.NotAcceptable);
        return isBetter ? ContentCoding.Identity : best;
    }

    private static int Weight(ReadOnlySpan<int> weights, int others, ContentCoding coding) =>
        weights[(int)coding] != Unnamed ? weights[(int)coding] : others;

    private static bool TryWeigh(ReadOnlySpan<byte> value, Span<int> weights, ref int others)
    {
        QualityList list = new(value);
        while (list.MoveNext())
        {
            if (!ByteClasses.IsToken(list.Value) || !list.Parameters.IsEmpty)
            {
                return false;
            }

            if (list.Value.SequenceEqual("*"u8))
            {
                others = others == Unnamed ? list.Quality : others;
            }
            else if (TryFind(list.Value, out ContentCoding coding) && weights[(int)coding] == Unnamed)
            {
                weights[(int)coding] = list.Quality;
            }
        }

        return !list.IsMalformed;
    }

    // Codings are case-insensitive, section 8.4.1.
    private static bool TryFind(ReadOnlySpan<byte> name, out ContentCoding coding)
    {
        coding = Is(name, "gzip"u8) || Is(name, "x-gzip"u8) ? ContentCoding.Gzip
            : Is(name, "br"u8) ? ContentCoding.Brotli
            : Is(name, "zstd"u8) ? ContentCoding.Zstandard
            : ContentCoding.Identity;
        return coding != ContentCoding.Identity || Is(name, "identity"u8);
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> other) => System.Text.Ascii.EqualsIgnoreCase(name, other);
}
