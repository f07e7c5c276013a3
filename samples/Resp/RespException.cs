namespace Gyre.Samples.Resp;

/// <summary>The bytes aren't RESP; the message says which, and what is wrong with them.</summary>
public sealed class RespException : FormatException
{
    public RespException()
    {
    }

    public RespException(string message)
        : base(message)
    {
    }

    public RespException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public RespException(long offset, string trouble)
        : base($"At byte {offset}: {trouble}") => Offset = offset;

    /// <summary>Where what is wrong begins, in bytes from the start of the input.</summary>
    public long Offset { get; }
}
