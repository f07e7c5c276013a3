namespace Gyre.Http.Routing;

/// <summary>Why a path is refused.</summary>
internal enum PathFault : byte
{
    /// <summary>It isn't.</summary>
    None,

    /// <summary>A <c>%</c> without two hexadecimal digits behind it.</summary>
    EscapeInvalid,

    /// <summary>A byte below 0x20, or 0x7F, NUL among them, behind a <c>%</c>.</summary>
    ControlByte,

    /// <summary>A segment <c>.</c> or <c>..</c>, escaped or not.</summary>
    DotSegment,

    /// <summary>The decoded bytes aren't UTF-8.</summary>
    NotUtf8,
}
