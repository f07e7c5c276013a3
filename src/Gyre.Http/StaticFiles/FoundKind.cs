namespace Gyre.Http.StaticFiles;

/// <summary>What a path beneath a prefix is answered with.</summary>
internal enum FoundKind : byte
{
    /// <summary>404, whatever the reason.</summary>
    Nothing,

    /// <summary>A file.</summary>
    File,

    /// <summary>A directory without a slash behind it, which has an answer with one.</summary>
    Redirect,

    /// <summary>A page of what is in a directory.</summary>
    Listing,
}
