namespace Gyre.Http.Protocol;

/// <summary>Where in a chunk's line the reader stands; the rows of <see cref="ChunkLineTable"/>, in order.</summary>
internal enum ChunkLineState : byte
{
    /// <summary>Before the first digit of the size.</summary>
    SizeFirst,

    /// <summary>Among the digits.</summary>
    Size,

    /// <summary>White space after the size; only an extension may follow.</summary>
    SizeSpace,

    /// <summary>After a semicolon.</summary>
    NameFirst,

    /// <summary>In an extension's name.</summary>
    Name,

    /// <summary>White space after a name.</summary>
    NameSpace,

    /// <summary>After an equals sign.</summary>
    ValueFirst,

    /// <summary>In a value that is a token.</summary>
    Value,

    /// <summary>White space after a value; only another extension may follow.</summary>
    ValueSpace,

    /// <summary>In a value that is quoted.</summary>
    Quoted,

    /// <summary>After a backslash in a quoted value.</summary>
    Escaped,

    /// <summary>After the closing quote.</summary>
    QuotedEnd,

    /// <summary>After CR.</summary>
    LineEnd,

    /// <summary>After LF: the line is complete.</summary>
    Done,

    /// <summary>The byte isn't allowed there.</summary>
    Refused = byte.MaxValue,
}
