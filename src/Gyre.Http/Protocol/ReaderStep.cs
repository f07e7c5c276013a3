namespace Gyre.Http.Protocol;

/// <summary>What can happen to a <see cref="RequestReader"/>; the columns of <see cref="ReaderStateTable"/>.</summary>
public enum ReaderStep : byte
{
    /// <summary>An empty line before the request line.</summary>
    BlankLine,

    /// <summary>A valid request line.</summary>
    RequestLine,

    /// <summary>The empty line after the headers, of a request without a body.</summary>
    HeadWithoutBody,

    /// <summary>The empty line after the headers, of a request with a <c>Content-Length</c> above zero.</summary>
    HeadWithLength,

    /// <summary>The empty line after the headers, of a chunked request.</summary>
    HeadWithChunks,

    /// <summary>The last of the <c>Content-Length</c> bytes.</summary>
    BodyDone,

    /// <summary>The line of a chunk that has data.</summary>
    ChunkOpened,

    /// <summary>The last byte of a chunk's data.</summary>
    ChunkFilled,

    /// <summary>The CR LF after a chunk's data.</summary>
    ChunkClosed,

    /// <summary>The line of the last, empty chunk.</summary>
    LastChunk,

    /// <summary>The empty line after the trailers.</summary>
    TrailersDone,

    /// <summary><see cref="RequestReader.Reset"/>: this side wants the next message.</summary>
    NextMessage,

    /// <summary>The peer closed, and no unfinished line was held.</summary>
    InputEnd,

    /// <summary>The peer closed in the middle of a line.</summary>
    InputCut,

    /// <summary>The peer broke a rule.</summary>
    Fault,
}
