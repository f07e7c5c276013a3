namespace Gyre.Files;

/// <summary>What a path beneath a <see cref="FileRoot"/> leads to.</summary>
public enum FileOutcome
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>Nothing: no such name, a file where a directory is needed, a link to nothing or in a circle.</summary>
    NotFound,

    /// <summary>Something that isn't given out: outside the root, a device, a pipe, a socket, or not readable for this process.</summary>
    Forbidden,

    /// <summary>
    /// The path can't be the name of anything: an empty segment (also by a slash at either end), <c>.</c> or <c>..</c>, a zero byte, not
    /// UTF-8; on Windows also a backslash, a colon, another character that names can't hold, a device's name, or a dot or space at a segment's end.
    /// </summary>
    Invalid,

    /// <summary>A segment has more than 255 bytes of UTF-8, or the path more than 4,095: more than Linux has names for.</summary>
    TooLong,
}
