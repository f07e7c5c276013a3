using System.Diagnostics;

namespace Gyre.Files;

/// <summary>What is in a directory, as far as it can be opened.</summary>
/// <param name="Items">By name, in ordinal order.</param>
/// <param name="IsCut">Whether there is more than was asked for; which part is here is then the file system's choice.</param>
[DebuggerDisplay("{Items.Count} items, cut = {IsCut}")]
public sealed record DirectoryListing(IReadOnlyList<DirectoryItem> Items, bool IsCut);
