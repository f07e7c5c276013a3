namespace Gyre.Http.Protocol;

/// <summary>What one call of <see cref="RequestReader.Read"/> or <see cref="RequestReader.InputEnded"/> found.</summary>
public enum ReaderEvent : byte
{
    /// <summary>All input was consumed and nothing more can be said before more arrives.</summary>
    NeedData,

    /// <summary>A whole head was read and is valid; <see cref="RequestReader.Head"/> holds it.</summary>
    Head,

    /// <summary>Body bytes: <see cref="RequestReader.DataRange"/> of this call's input. Never empty.</summary>
    Data,

    /// <summary>
    /// The message is complete and <see cref="RequestReader.Trailers"/> are readable. Repeated, consuming nothing, until
    /// <see cref="RequestReader.Reset"/>.
    /// </summary>
    End,

    /// <summary>The peer closed between two messages: nothing was lost. Only from <see cref="RequestReader.InputEnded"/>.</summary>
    Closed,

    /// <summary>
    /// The peer broke the protocol; <see cref="RequestReader.Error"/> says how and which status answers it. Final: the
    /// bytes that follow can't be trusted to start a message.
    /// </summary>
    Error,
}
