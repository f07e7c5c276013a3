namespace Gyre.Http.Fields;

/// <summary>What an <c>If-Match</c> or <c>If-None-Match</c> says about a tag.</summary>
internal enum EntityTagMatch : byte
{
    /// <summary>A list without the tag.</summary>
    None,

    /// <summary>A list with the tag.</summary>
    Listed,

    /// <summary><c>*</c>, which stands for every tag.</summary>
    Any,

    /// <summary>Neither <c>*</c> nor a list of tags: it says nothing, whatever tags stand in it.</summary>
    Malformed,
}
