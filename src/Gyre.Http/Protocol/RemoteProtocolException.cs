namespace Gyre.Http.Protocol;

/// <summary>
/// The peer broke the protocol while this side was waiting for its bytes. The reader itself returns
/// <see cref="ReaderEvent.Error"/>; this type is for layers above it that can only throw, such as a body stream.
/// </summary>
public sealed class RemoteProtocolException : Exception
{
    /// <summary>With the reader's own account.</summary>
    /// <param name="error">What the peer did.</param>
    public RemoteProtocolException(ProtocolError error)
        : base(error?.ToString())
    {
        ArgumentNullException.ThrowIfNull(error);
        Error = error;
    }

    /// <summary>What the peer did, and the status that answers it.</summary>
    public ProtocolError Error { get; }
}
