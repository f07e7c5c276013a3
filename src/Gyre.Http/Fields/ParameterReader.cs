using Gyre.Http.Protocol;

namespace Gyre.Http.Fields;

/// <summary>
/// Walks <c>*( OWS ";" OWS [ parameter ] )</c>, RFC 9110 section 5.6.6. No white space around <c>=</c>, as the grammar
/// says; an empty parameter is skipped.
/// </summary>
/// <param name="text">From the first semicolon on, or empty.</param>
/// <param name="startsWithName">Whether no semicolon stands before the first, as in an element of <c>Forwarded</c>.</param>
internal ref struct ParameterReader(ReadOnlySpan<byte> text, bool startsWithName = false)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private bool _startsWithName = startsWithName;
    private int _at;

    /// <summary>A token, in the peer's spelling; compare it without regard to case.</summary>
    internal ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>A token, or a quoted string with its quotes.</summary>
    internal ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Where the parameter's semicolon stands in the text.</summary>
    internal int Start { get; private set; }

    /// <summary>Whether the walk ended at something that is no parameter.</summary>
    internal bool IsMalformed { get; private set; }

    /// <summary>Moves to the next parameter.</summary>
    internal bool MoveNext()
    {
        while (!IsMalformed)
        {
            SkipWhiteSpace();
            if (_at == _text.Length)
            {
                return false;
            }

            bool isSemicolon = _text[_at] == (byte)';';
            if (!isSemicolon && !_startsWithName)
            {
                IsMalformed = true;
                return false;
            }

            _startsWithName = false;
            Start = _at;
            _at += isSemicolon ? 1 : 0;
            SkipWhiteSpace();
            if (_at < _text.Length && _text[_at] != (byte)';')
            {
                IsMalformed = !TryRead(_text[_at..]);
                return !IsMalformed;
            }
        }

        return false;
    }

    private bool TryRead(ReadOnlySpan<byte> rest)
    {
        int nameLength = rest.IndexOfAnyExcept(ByteClasses.Token);
        if (nameLength <= 0 || rest[nameLength] != (byte)'=')
        {
            return false;
        }

        Name = rest[..nameLength];
        ReadOnlySpan<byte> value = rest[(nameLength + 1)..];
        int valueLength = QuotedString.Length(value);
        if (valueLength == 0)
        {
            valueLength = value.IndexOfAnyExcept(ByteClasses.Token) is >= 0 and int end ? end : value.Length;
        }

        Value = value[..valueLength];
        _at += nameLength + 1 + valueLength;
        return valueLength > 0;
    }

    private void SkipWhiteSpace()
    {
        while (_at < _text.Length && ByteClasses.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }
    }
}
