namespace Gyre.Http.Fields;

/// <summary>What a <c>Range</c> header asks for.</summary>
internal enum RangeOutcome : byte
{
    /// <summary>Nothing that is understood: send the whole representation with 200.</summary>
    Whole,

    /// <summary>One or more parts: 206.</summary>
    Parts,

    /// <summary>Only parts that don't exist: 416 with the length in <c>Content-Range</c>.</summary>
    Unsatisfiable,
}
