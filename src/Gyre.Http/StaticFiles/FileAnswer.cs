namespace Gyre.Http.StaticFiles;

/// <summary>Which kind of answer a request for a file gets.</summary>
internal enum FileAnswer : byte
{
    /// <summary>All of it, with the status that the response has.</summary>
    Whole,

    /// <summary>206 with one part.</summary>
    Part,

    /// <summary>206 with several: <c>multipart/byteranges</c>.</summary>
    Parts,

    /// <summary>304.</summary>
    NotModified,

    /// <summary>412.</summary>
    ConditionFailed,

    /// <summary>416.</summary>
    Unsatisfiable,
}
