namespace Gyre.Samples.Resp;

/// <summary>The sorts of values of RESP2.</summary>
public enum RespKind
{
    /// <summary><c>+text</c>: a line.</summary>
    SimpleString,

    /// <summary><c>-text</c>: a line that tells what went wrong.</summary>
    Error,

    /// <summary><c>:number</c>: 64 bits with a sign.</summary>
    Integer,

    /// <summary><c>$length</c> and as many bytes; length -1 is null.</summary>
    BulkString,

    /// <summary><c>*count</c> and as many values; count -1 is null.</summary>
    Array,
}
