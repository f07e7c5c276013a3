using System.Diagnostics;
using System.Text;
using Gyre.Files;
using Gyre.TestSupport;

namespace Gyre.Tests.Files;

/// <summary>A folder with a root in it, and things beside the root that must not be reached.</summary>
internal sealed class Roots : IDisposable
{
    public const string Secret = "outside";

    public Roots(bool callsSystem, bool outsideToo = false)
    {
        Assert.SkipWhen(callsSystem && !OperatingSystem.IsLinux(), "driver: openat2 exists on Linux only.");
        Assert.SkipWhen(callsSystem && PInvokeGuard.IsOn, "driver: openat2 is called by P/Invoke, which is forbidden in this run.");
        Base = Directory.CreateTempSubdirectory("gyre-files-").FullName;
        Top = Path.Combine(Base, "root");
        Directory.CreateDirectory(Top);
        Directory.CreateDirectory(Path.Combine(Base, "rootx"));
        File.WriteAllText(Path.Combine(Base, "secret"), Secret);
        File.WriteAllText(Path.Combine(Base, "rootx", "secret"), Secret);
        Write("a.txt", "aaa");
        Write("dir/sub/b.txt", "bbbb");
        Root = FileRoot.Open(Top, new FileRootOptions { CallsSystem = callsSystem, FollowSymlinksOutside = outsideToo });
        Assert.Equal(callsSystem, Root.IsSafeAgainstWriters);
    }

    public string Base { get; }

    public string Top { get; }

    public FileRoot Root { get; }

    public string At(string relative) => Path.Combine(Top, relative);

    public void Write(string relative, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(relative))!);
        File.WriteAllText(At(relative), text);
    }

    public void Link(string relative, string target) => File.CreateSymbolicLink(At(relative), target);

    /// <summary>What opening says; for a file its text besides. Looking without opening and the path in UTF-8 must say the same.</summary>
    public (FileOutcome Outcome, string? Text) Open(string relative)
    {
        FileOutcome outcome = Root.TryOpen(relative, out FileEntry? entry);
        Assert.Equal(outcome == FileOutcome.File, entry is not null);
        using FileEntry? closing = entry;
        Assert.Equal(outcome, Root.TryStat(relative, out FileStat stat));
        Assert.Equal(outcome == FileOutcome.Directory, stat.IsDirectory);
        if (!relative.Any(char.IsSurrogate))
        {
            Assert.Equal(outcome, Root.TryOpen(Encoding.UTF8.GetBytes(relative), out FileEntry? again));
            again?.Dispose();
        }

        if (entry is null)
        {
            return (outcome, null);
        }

        Assert.Equal(stat, entry.Stat);
        byte[] bytes = new byte[entry.Length];
        Assert.Equal(bytes.Length, RandomAccess.Read(entry.Handle, bytes, 0));
        return (outcome, Encoding.UTF8.GetString(bytes));
    }

    public void MakePipe(string relative)
    {
        using Process process = Process.Start("mkfifo", [At(relative)]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    public void Dispose()
    {
        Root.Dispose();
        Directory.Delete(Base, recursive: true);
    }
}
