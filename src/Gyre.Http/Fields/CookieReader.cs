using Gyre.Http.Protocol;

namespace Gyre.Http.Fields;

/// <summary>
/// Walks the pairs of all <c>Cookie</c> lines, RFC 6265 sections 4.2 and 5.4. A semicolon parts pairs wherever it stands,
/// also within quotes, as in browsers. A pair without <c>=</c>, whose name isn't a token, or whose value holds what RFC
/// 6265 section 4.1.1 doesn't allow (spaces and commas within apart) is skipped. One pair of quotes around a value isn't
/// part of it; nothing else is decoded. Names are case-sensitive. Allocates nothing.
/// </summary>
/// <param name="headers">Of the request; several lines are one after another.</param>
/// <param name="pairsMax">How many pairs to look at, skipped ones included.</param>
internal ref struct CookieReader(FieldSection headers, int pairsMax = CookieReader.PairsMaxDefault)
{
    /// <summary>Browsers keep at most 180 cookies for a site.</summary>
    internal const int PairsMaxDefault = 200;

    private readonly FieldSection _headers = headers;
    private int _pairsLeft = pairsMax;
    private int _line = -1;
    private ReadOnlySpan<byte> _rest;

    /// <summary>A token.</summary>
    internal ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The value without quotes around it; may be empty.</summary>
    internal ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Whether the walk ended because of the bound, with pairs left.</summary>
    internal bool IsTruncated { get; private set; }

    /// <summary>Finds the first pair of a name.</summary>
    internal static bool TryFind(FieldSection headers, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        CookieReader reader = new(headers);
        while (reader.MoveNext())
        {
            if (reader.Name.SequenceEqual(name))
            {
                value = reader.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Moves to the next valid pair.</summary>
    internal bool MoveNext()
    {
        while (!IsTruncated && (!_rest.IsEmpty || NextLine()))
        {
            int end = _rest.IndexOf((byte)';');
            ReadOnlySpan<byte> pair = ByteClasses.Trim(end < 0 ? _rest : _rest[..end]);
            _rest = end < 0 ? default : _rest[(end + 1)..];
            if (pair.IsEmpty)
            {
                continue;
            }

            IsTruncated = --_pairsLeft < 0;
            if (!IsTruncated && TryRead(pair))
            {
                return true;
            }
        }

        return false;
    }

    private bool NextLine()
    {
        do
        {
            _line = _headers.NextIndexOf(KnownHeader.Cookie, _line + 1);
            if (_line < 0)
            {
                // From now on nothing is found any more.
                _line = _headers.Count;
                return false;
            }

            _rest = _headers.GetValue(_line);
        }
        while (_rest.IsEmpty);
        return true;
    }

    private bool TryRead(ReadOnlySpan<byte> pair)
    {
        int equals = pair.IndexOf((byte)'=');
        if (equals <= 0 || !ByteClasses.IsToken(pair[..equals]))
        {
            return false;
        }

        ReadOnlySpan<byte> value = pair[(equals + 1)..];
        if (value.Length >= 2 && value[0] == (byte)'"' && value[^1] == (byte)'"')
        {
            value = value[1..^1];
        }
        else if (value.Length > 0 && ByteClasses.IsWhiteSpace(value[0]))
        {
            return false;
        }

        Name = pair[..equals];
        Value = value;
        return !value.ContainsAnyExcept(CookieBytes.Accepted);
    }
}
