namespace Gyre.Http.Protocol;

/// <summary>Where a <see cref="RequestReader"/> stands in a connection; the rows of <see cref="ReaderStateTable"/>.</summary>
public enum ReaderState : byte
{
    /// <summary>Before a request line; nothing of the message was understood yet.</summary>
    Start,

    /// <summary>As <see cref="Start"/>, after the one empty line that is ignored there.</summary>
    AfterBlankLine,

    /// <summary>After the request line, among the header lines.</summary>
    Headers,

    /// <summary>Inside a body of <c>Content-Length</c> bytes.</summary>
    LengthBody,

    /// <summary>Before or inside the line that starts a chunk.</summary>
    ChunkLine,

    /// <summary>Inside the data of a chunk.</summary>
    ChunkData,

    /// <summary>After the data of a chunk, before its CR LF.</summary>
    ChunkDataEnd,

    /// <summary>After the line of the last chunk, among the trailer lines.</summary>
    Trailers,

    /// <summary>The message is complete; the next one may start.</summary>
    Complete,

    /// <summary>The peer closed between messages.</summary>
    Closed,

    /// <summary>The peer broke the protocol; nothing leads out of here.</summary>
    Failed,
}
