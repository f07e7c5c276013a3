using System.Text;
using static Gyre.Http.Protocol.ReaderState;

namespace Gyre.Http.Protocol;

/// <summary>
/// The protocol of one connection, seen from the server, as a table: for every state and every step the state that
/// follows, or a refusal. The reader changes its state by this table alone, and the diagram in this folder's README is
/// rendered from it.
/// </summary>
/// <remarks>
/// A refusal means that the step can't happen in that state: for a step that the reader takes while it reads bytes it
/// would be a bug in the reader, for <see cref="ReaderStep.NextMessage"/> it is a misuse by this side (the body that is
/// still on the wire would be read as the next request).
/// </remarks>
public static class ReaderStateTable
{
    private const ReaderState Refused = (ReaderState)byte.MaxValue;

    private static readonly int s_steps = Enum.GetValues<ReaderStep>().Length;

    // One row for each state, one column for each step, both in the order of their enums.
    private static readonly ReaderState[] s_next =
    [
        // Start: BlankLine, RequestLine | HeadWithoutBody, HeadWithLength, HeadWithChunks
        AfterBlankLine, Headers, Refused, Refused, Refused,
        // BodyDone | ChunkOpened, ChunkFilled, ChunkClosed, LastChunk, TrailersDone | NextMessage, InputEnd, InputCut, Fault
        Refused, Refused, Refused, Refused, Refused, Refused, Refused, Closed, Failed, Failed,

        // AfterBlankLine: a second empty line is refused by rule, RFC 9112 section 2.2 asks to ignore "at least one".
        Failed, Headers, Refused, Refused, Refused,
        Refused, Refused, Refused, Refused, Refused, Refused, Refused, Closed, Failed, Failed,

        // Headers
        Refused, Refused, Complete, LengthBody, ChunkLine,
        Refused, Refused, Refused, Refused, Refused, Refused, Refused, Failed, Failed, Failed,

        // LengthBody
        Refused, Refused, Refused, Refused, Refused,
        Complete, Refused, Refused, Refused, Refused, Refused, Refused, Failed, Failed, Failed,

        // ChunkLine
        Refused, Refused, Refused, Refused, Refused,
        Refused, ChunkData, Refused, Refused, Trailers, Refused, Refused, Failed, Failed, Failed,

        // ChunkData
        Refused, Refused, Refused, Refused, Refused,
        Refused, Refused, ChunkDataEnd, Refused, Refused, Refused, Refused, Failed, Failed, Failed,

        // ChunkDataEnd
        Refused, Refused, Refused, Refused, Refused,
        Refused, Refused, Refused, ChunkLine, Refused, Refused, Refused, Failed, Failed, Failed,

        // Trailers
        Refused, Refused, Refused, Refused, Refused,
        Refused, Refused, Refused, Refused, Refused, Complete, Refused, Failed, Failed, Failed,

        // Complete
        Refused, Refused, Refused, Refused, Refused,
        Refused, Refused, Refused, Refused, Refused, Refused, Start, Closed, Refused, Refused,

        // Closed
        Refused, Refused, Refused, Refused, Refused,
        Refused, Refused, Refused, Refused, Refused, Refused, Refused, Closed, Refused, Failed,

        // Failed
        Refused, Refused, Refused, Refused, Refused,
        Refused, Refused, Refused, Refused, Refused, Refused, Refused, Failed, Failed, Failed,
    ];

    /// <summary>Looks up what follows.</summary>
    /// <param name="state">The row.</param>
    /// <param name="step">The column.</param>
    /// <param name="next">The state that follows, unless refused.</param>
    /// <returns><see langword="false"/> when the step is refused in that state.</returns>
    public static bool TryNext(ReaderState state, ReaderStep step, out ReaderState next)
    {
        next = s_next[((int)state * s_steps) + (int)step];
        return next != Refused;
    }

    /// <summary>The table as a Mermaid state diagram; steps that lead the same way share an arrow.</summary>
    /// <returns>Text with LF line ends, the last one included.</returns>
    public static string ToMermaid()
    {
        StringBuilder text = new("stateDiagram-v2\n    [*] --> Start\n");
        ReaderState[] states = Enum.GetValues<ReaderState>();
        foreach (ReaderState from in states)
        {
            foreach (ReaderState to in states)
            {
                string label = string.Join(", ", Enum.GetValues<ReaderStep>().Where(step => Leads(from, step, to)));
                if (label.Length > 0)
                {
                    text.Append($"    {from} --> {to}: {label}\n");
                }
            }
        }

        return text.Append("    Closed --> [*]\n    Failed --> [*]\n").ToString();
    }

    private static bool Leads(ReaderState from, ReaderStep step, ReaderState to) =>
        TryNext(from, step, out ReaderState next) && next == to;

    internal static int CellCount => s_next.Length;

    internal static ReaderState Next(ReaderState state, ReaderStep step) =>
        TryNext(state, step, out ReaderState next)
            ? next
            : throw new LocalProtocolException($"{step} cannot happen in the state {state}.");
}
