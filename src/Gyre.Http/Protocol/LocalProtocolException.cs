namespace Gyre.Http.Protocol;

/// <summary>
/// This side broke the protocol: a handler wrote more than it declared, a head was written twice, a message was reset
/// before its end. A bug in the program, never something that a peer can cause.
/// </summary>
public sealed class LocalProtocolException : InvalidOperationException
{
    /// <summary>Prefer the constructor that takes a message.</summary>
    public LocalProtocolException()
        : base("The HTTP protocol was used against its rules by this side.")
    {
    }

    /// <summary>With what was done and what would be right.</summary>
    /// <param name="message">A whole sentence.</param>
    public LocalProtocolException(string message)
        : base(message)
    {
    }

    /// <summary>With what was done, and the exception behind it.</summary>
    /// <param name="message">A whole sentence.</param>
    /// <param name="innerException">What led to it.</param>
    public LocalProtocolException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
