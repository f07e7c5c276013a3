namespace Gyre.Files;

/// <summary>What is known of a file or directory without reading it; enough to tell whether a cached copy is still right.</summary>
/// <param name="IsDirectory">Whether it is a directory.</param>
/// <param name="Length">Bytes; 0 for a directory.</param>
/// <param name="LastWriteTime">When its content was changed last, to 100 ns as far as the file system keeps that.</param>
/// <param name="Identity">
/// Differs between two files that exist at the same time on one machine, also after one was renamed over the other: made of inode and
/// device. 0 where that can't be told, which is wherever the system isn't called directly.
/// </param>
public readonly record struct FileStat(bool IsDirectory, long Length, DateTimeOffset LastWriteTime, ulong Identity);
