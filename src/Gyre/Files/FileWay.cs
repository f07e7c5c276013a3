namespace Gyre.Files;

/// <summary>A way to what is beneath a root. Paths were checked by <see cref="RelativePath"/>. Any thread.</summary>
internal abstract class FileWay : IDisposable
{
    public abstract FileOutcome TryOpen(ReadOnlySpan<byte> path, out FileEntry? entry);

    public abstract FileOutcome TryStat(ReadOnlySpan<byte> path, out FileStat stat);

    /// <summary>Up to so many names; <see cref="FileOutcome.Directory"/> when it is one.</summary>
    public abstract FileOutcome TryReadNames(ReadOnlySpan<byte> path, int countMax, List<string> names, out bool isCut);

    public abstract void Dispose();
}
