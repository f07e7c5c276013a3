namespace Gyre.Http.Protocol;

/// <summary>How far the lines of a head or of trailers could be read.</summary>
internal enum LineOutcome : byte
{
    /// <summary>All complete lines are read; the rest of the text, maybe empty, is the start of a line.</summary>
    Incomplete,

    /// <summary>The empty line that ends the block was read.</summary>
    BlockEnded,

    /// <summary>A line breaks a rule.</summary>
    Fault,
}
