namespace Gyre.Files;

/// <summary>A file or directory in a listing.</summary>
/// <param name="Name">Its name there: any characters but a slash and a zero, so it has to be encoded before it is put anywhere.</param>
/// <param name="Stat">What it is; of a link, what that leads to.</param>
public readonly record struct DirectoryItem(string Name, FileStat Stat);
