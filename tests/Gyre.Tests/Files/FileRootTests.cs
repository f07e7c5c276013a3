using System.Net.Sockets;
using System.Text;
using Gyre.Files;
using Gyre.Interop.Linux;
using Gyre.Tests.Drivers;

namespace Gyre.Tests.Files;

/// <summary>What a root gives out and what not, the same on both ways to it.</summary>
public sealed class FileRootTests
{
    public static TheoryData<bool> Ways => [false, true];

    [Theory]
    [MemberData(nameof(Ways))]
    public void Files_and_directories_are_found(bool callsSystem)
    {
        using var roots = new Roots(callsSystem);
        Assert.Equal((FileOutcome.File, "aaa"), roots.Open("a.txt"));
        Assert.Equal((FileOutcome.File, "bbbb"), roots.Open("dir/sub/b.txt"));
        Assert.Equal((FileOutcome.Directory, null), roots.Open("dir/sub"));
        Assert.Equal((FileOutcome.Directory, null), roots.Open(""));
        Assert.Equal((FileOutcome.NotFound, null), roots.Open("b.txt"));
        Assert.Equal((FileOutcome.NotFound, null), roots.Open("nowhere/b.txt"));
        Assert.Equal((FileOutcome.NotFound, null), roots.Open("a.txt/b.txt"));
        roots.Write("empty", "");
        Assert.Equal((FileOutcome.File, ""), roots.Open("empty"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void What_is_told_of_a_file_is_true(bool callsSystem)
    {
        using var roots = new Roots(callsSystem);
        var time = new DateTimeOffset(2021, 3, 4, 5, 6, 7, TimeSpan.Zero);
        time = time.AddTicks(1_234_567);
        File.SetLastWriteTimeUtc(roots.At("a.txt"), time.UtcDateTime);
        Assert.Equal(FileOutcome.File, roots.Root.TryStat("a.txt", out FileStat stat));
        Assert.Equal((false, 3L, time), (stat.IsDirectory, stat.Length, stat.LastWriteTime));
        Assert.Equal(FileOutcome.File, roots.Root.TryOpen("a.txt", out FileEntry? entry));
        using FileEntry closing = entry!;
        Assert.Equal((3L, time), (entry!.Length, entry.LastWriteTime));
        Assert.Equal(FileOutcome.File, roots.Root.TryStat("dir/sub/b.txt", out FileStat other));
        Assert.Equal(callsSystem, stat.Identity != other.Identity);

        // The same name, another file: what was opened is still what it was.
        File.Move(roots.At("dir/sub/b.txt"), roots.At("a.txt"), overwrite: true);
        Assert.Equal(FileOutcome.File, roots.Root.TryStat("a.txt", out FileStat moved));
        Assert.Equal(other, moved);
        Assert.Equal(3, RandomAccess.GetLength(entry.Handle));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../secret")]
    [InlineData("a/../..")]
    [InlineData("dir/../a.txt")]
    [InlineData("dir/../../secret")]
    [InlineData("../rootx/secret")]
    [InlineData("../root/a.txt")]
    [InlineData(".")]
    [InlineData("./a.txt")]
    [InlineData("dir/./sub")]
    [InlineData("/")]
    [InlineData("/etc/passwd")]
    [InlineData("//etc/passwd")]
    [InlineData("/a.txt")]
    [InlineData("dir//sub")]
    [InlineData("dir/")]
    [InlineData("a.txt/")]
    [InlineData("a.txt\0")]
    [InlineData("\0")]
    [InlineData("a.txt\0.html")]
    [InlineData("..\0")]
    public void What_is_no_name_beneath_a_root_is_refused_unasked(string path)
    {
        foreach (bool callsSystem in (bool[])[false, .. OperatingSystem.IsLinux() && !TestSupport.PInvokeGuard.IsOn ? [true] : Array.Empty<bool>()])
        {
            using var roots = new Roots(callsSystem);
            Assert.Equal((FileOutcome.Invalid, null), roots.Open(path));
            Assert.Equal(FileOutcome.Invalid, roots.Root.TryList(path, 10, out DirectoryListing? listing));
            Assert.Null(listing);
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Bytes_that_are_not_utf8_are_refused(bool callsSystem)
    {
        using var roots = new Roots(callsSystem);
        foreach (byte[] path in (byte[][])[[0xC0, 0xAF], [(byte)'.', 0xC0, 0xAE], [0xFF], [(byte)'a', 0xE2, 0x82]])
        {
            Assert.Equal(FileOutcome.Invalid, roots.Root.TryOpen(path, out _));
            Assert.Equal(FileOutcome.Invalid, roots.Root.TryStat(path, out _));
        }

        // Nor can half of a pair be.
        Assert.Equal(FileOutcome.Invalid, roots.Root.TryOpen("\ud800", out _));
        Assert.Equal(FileOutcome.Invalid, roots.Root.TryOpen(new string('\udfff', 1000), out _));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Odd_names_are_only_names(bool callsSystem)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "driver: other systems have names of their own that can't be.");
        using var roots = new Roots(callsSystem);
        foreach (string name in (string[])[
            "новый 文件 🌀", "a\nb", "..a", "a..", "...", " ", "a\\b", "%2e%2e", "~", "-rf", "C:", new string('n', 255)])
        {
            roots.Write(name, name);
            Assert.Equal((FileOutcome.File, name), roots.Open(name));
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Names_that_are_too_long_are_told(bool callsSystem)
    {
        using var roots = new Roots(callsSystem);
        Assert.Equal((FileOutcome.TooLong, null), roots.Open(new string('n', 256)));
        Assert.Equal((FileOutcome.TooLong, null), roots.Open(new string('é', 128)));
        Assert.Equal((FileOutcome.TooLong, null), roots.Open(string.Join('/', Enumerable.Repeat("abcd", 1000))));
        Assert.Equal((FileOutcome.TooLong, null), roots.Open(new string('n', 1_000_000)));
        Assert.Equal((FileOutcome.NotFound, null), roots.Open(string.Join('/', Enumerable.Repeat("abcd", 800))));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Links_are_followed_beneath_the_root_alone(bool callsSystem)
    {
        using var roots = new Roots(callsSystem);
        roots.Link("inside", "dir/sub/b.txt");
        roots.Link("dir/up", "../a.txt");
        roots.Link("dir/sub/over", "../../dir/up");
        roots.Link("folder", "dir/sub");
        Assert.Equal((FileOutcome.File, "bbbb"), roots.Open("inside"));
        Assert.Equal((FileOutcome.File, "aaa"), roots.Open("dir/up"));
        Assert.Equal((FileOutcome.File, "aaa"), roots.Open("dir/sub/over"));
        Assert.Equal((FileOutcome.File, "bbbb"), roots.Open("folder/b.txt"));
        Assert.Equal((FileOutcome.Directory, null), roots.Open("folder"));

        roots.Link("out", "../secret");
        roots.Link("sibling", "../rootx");
        roots.Link("outAndIn", "../root/a.txt");
        roots.Link("dir/sub/far", "../../../secret");
        roots.Link("absolute", Path.Combine(roots.Base, "secret"));
        roots.Link("absoluteInside", roots.At("a.txt"));
        roots.Link("chain1", "chain2");
        roots.Link("chain2", "dir/chain3");
        roots.Link("dir/chain3", "../../secret");
        roots.Link("parent", "..");
        foreach (string name in (string[])
            ["out", "sibling", "sibling/secret", "outAndIn", "dir/sub/far", "absolute", "absoluteInside", "chain1", "parent", "parent/secret"])
        {
            Assert.Equal((FileOutcome.Forbidden, null), roots.Open(name));
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Links_that_lead_nowhere_are_not_found(bool callsSystem)
    {
        using var roots = new Roots(callsSystem);
        roots.Link("dangling", "nothing");
        roots.Link("self", "self");
        roots.Link("ping", "pong");
        roots.Link("pong", "ping");
        foreach (string name in (string[])["dangling", "self", "ping", "self/a.txt", "ping/a.txt"])
        {
            Assert.Equal((FileOutcome.NotFound, null), roots.Open(name));
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Links_may_lead_outside_when_that_is_asked_for(bool callsSystem)
    {
        using var roots = new Roots(callsSystem, outsideToo: true);
        roots.Link("out", "../secret");
        roots.Link("absolute", Path.Combine(roots.Base, "rootx"));
        Assert.Equal((FileOutcome.File, Roots.Secret), roots.Open("out"));
        Assert.Equal((FileOutcome.File, Roots.Secret), roots.Open("absolute/secret"));
        Assert.Equal((FileOutcome.Invalid, null), roots.Open("../secret"));
        Assert.Equal((FileOutcome.File, "aaa"), roots.Open("a.txt"));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Devices_pipes_and_sockets_are_refused_and_never_waited_for(bool callsSystem, bool outsideToo)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "driver: Windows has none of these in folders.");
        using var roots = new Roots(callsSystem, outsideToo);
        roots.MakePipe("pipe");
        roots.Link("toPipe", "pipe");
        roots.Link("null", "/dev/null");
        roots.Link("zero", "/dev/zero");
        roots.Link("tty", "/dev/tty");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(roots.At("socket")));
        foreach (string name in (string[])["pipe", "toPipe", "null", "zero", "socket"])
        {
            Assert.Equal((FileOutcome.Forbidden, null), roots.Open(name));
        }

        Assert.NotEqual(FileOutcome.File, roots.Root.TryOpen("tty", out _));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_listing_names_what_can_be_opened_in_order(bool callsSystem)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "driver: Windows makes links for administrators only.");
        using var roots = new Roots(callsSystem);
        roots.Write("dir/Z", "1");
        roots.Write("dir/a", "22");
        roots.Write("dir/\u00e9", "333");
        roots.Link("dir/link", "a");
        roots.Link("dir/out", "../../secret");
        roots.MakePipe("dir/pipe");
        Assert.Equal(FileOutcome.Directory, roots.Root.TryList("dir", 100, out DirectoryListing? listing));
        Assert.False(listing!.IsCut);
        Assert.Equal(["Z", "a", "link", "sub", "\u00e9"], listing.Items.Select(static item => item.Name));
        Assert.Equal([1L, 2, 2, 0, 3], listing.Items.Select(static item => item.Stat.Length));
        Assert.Equal([false, false, false, true, false], listing.Items.Select(static item => item.Stat.IsDirectory));
        Assert.Equal(FileOutcome.Directory, roots.Root.TryList("", 2, out listing));
        Assert.Equal(["a.txt", "dir"], listing!.Items.Select(static item => item.Name));
        Assert.False(listing.IsCut);
        Assert.Equal(FileOutcome.Directory, roots.Root.TryList("", 1, out listing));
        Assert.Single(listing!.Items);
        Assert.True(listing.IsCut);
        Assert.Equal(FileOutcome.File, roots.Root.TryList("a.txt", 10, out listing));
        Assert.Null(listing);
        Assert.Equal(FileOutcome.NotFound, roots.Root.TryList("nothing", 10, out _));
        Assert.Equal(FileOutcome.Forbidden, roots.Root.TryList("dir/out", 10, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => roots.Root.TryList("", 0, out _));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_large_directory_is_listed_up_to_the_bound(bool callsSystem)
    {
        using var roots = new Roots(callsSystem);
        for (int i = 0; i < 1500; i++)
        {
            roots.Write($"many/a file with a name of some length {i:0000}", "");
        }

        Assert.Equal(FileOutcome.Directory, roots.Root.TryList("many", 2000, out DirectoryListing? listing));
        Assert.Equal(1500, listing!.Items.Count);
        Assert.Equal(listing.Items.Select(static item => item.Name).Order(StringComparer.Ordinal), listing.Items.Select(static item => item.Name));
        Assert.Equal(FileOutcome.Directory, roots.Root.TryList("many", 700, out listing));
        Assert.Equal((700, true), (listing!.Items.Count, listing.IsCut));
    }

    /// <summary>A file and a link to the secret change places all the time: the kernel's own walk never gives out the secret.</summary>
    [Fact]
    public void Exchanging_a_file_for_a_link_lets_nobody_out()
    {
        using var roots = new Roots(callsSystem: true);
        roots.Write("kept", "inside");
        roots.Write("target", "inside");
        using var stop = new CancellationTokenSource();
        var exchanger = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                roots.Link("next", "../secret");
                File.Move(roots.At("next"), roots.At("target"), overwrite: true);
                File.Copy(roots.At("kept"), roots.At("next"));
                File.Move(roots.At("next"), roots.At("target"), overwrite: true);
            }
        });
        exchanger.Start();
        int seen = 0;
        for (int i = 0; i < 1_000_000 && seen < 3000; i++)
        {
            FileOutcome outcome = roots.Root.TryOpen("target", out FileEntry? entry);
            using FileEntry? closing = entry;
            seen += outcome == FileOutcome.Forbidden || entry is not null ? 1 : 0;
            byte[] bytes = new byte[16];
            string text = entry is null ? "" : Encoding.UTF8.GetString(bytes, 0, RandomAccess.Read(entry.Handle, bytes, 0));
            Assert.NotEqual(Roots.Secret, text);
        }

        stop.Cancel();
        exchanger.Join();
        Assert.Equal(3000, seen);
    }

    [Theory]
    [InlineData(Errno.ENOSYS)]
    [InlineData(Errno.EPERM)]
    public void Without_openat2_it_goes_the_portable_way(int errno)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "driver: openat2 exists on Linux only.");
        Assert.SkipWhen(TestSupport.PInvokeGuard.IsOn, "driver: openat2 is called by P/Invoke, which is forbidden in this run.");
        using var usual = new Roots(callsSystem: true);
        using FaultScope fault = FaultScope.Always("openat2", errno);
        using var root = FileRoot.Open(usual.Top);
        Assert.False(root.IsSafeAgainstWriters);
        Assert.Equal(FileOutcome.File, root.TryOpen("a.txt", out FileEntry? entry));
        entry!.Dispose();
        Assert.Equal(FileOutcome.Invalid, root.TryOpen("../secret", out _));
    }

    [Fact]
    public void Trouble_of_the_system_is_told_and_loses_no_descriptor()
    {
        using var roots = new Roots(callsSystem: true);
        using (FaultScope.Always("openat2", Errno.EMFILE))
        {
            IOException error = Assert.Throws<IOException>(() => roots.Root.TryOpen("a.txt", out _));
            Assert.Contains("descriptor", error.Message, StringComparison.Ordinal);
        }

        using (FaultScope.Always("statx", Errno.ENOMEM))
        {
            Assert.Throws<IOException>(() => roots.Root.TryOpen("a.txt", out _));
            Assert.Throws<IOException>(() => roots.Root.TryStat("a.txt", out _));
        }

        using (FaultScope.First(3, "openat2", Errno.EAGAIN))
        {
            Assert.Equal((FileOutcome.File, "aaa"), roots.Open("a.txt"));
        }

        Assert.DoesNotContain(
            Directory.GetFiles("/proc/self/fd"), path => new FileInfo(path).LinkTarget?.EndsWith("a.txt", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void A_root_that_is_none_is_refused_by_name()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        IOException error = Assert.ThrowsAny<IOException>(() => FileRoot.Open(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        using var file = new TempFile(1, seed: 1);
        error = Assert.ThrowsAny<IOException>(() => FileRoot.Open(file.Path));
        Assert.Contains("a file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_root_follows_the_driver_of_the_loop() => OnLoop.Run(() =>
    {
        using var root = FileRoot.Open(Path.GetTempPath());
        Assert.Equal(EventLoop.Current.DriverName is "io_uring" or "epoll", root.IsSafeAgainstWriters);
        return Task.CompletedTask;
    });

    [Theory]
    [InlineData("a\\b")]
    [InlineData("c:")]
    [InlineData("a.txt:stream")]
    [InlineData("nul")]
    [InlineData("NUL.txt")]
    [InlineData("com1")]
    [InlineData("LPT9.log")]
    [InlineData("con ")]
    [InlineData("a.")]
    [InlineData("a ")]
    [InlineData("a?")]
    [InlineData("a\u0001")]
    public void Names_that_Windows_reads_as_others_are_impossible_there(string name) =>
        Assert.True(RelativePath.IsImpossibleOnWindows(Encoding.UTF8.GetBytes(name)));

    [Theory]
    [InlineData("a.txt")]
    [InlineData("console")]
    [InlineData("com10")]
    [InlineData("null.js")]
    [InlineData(".hidden")]
    public void Others_are_possible_there(string name) => Assert.False(RelativePath.IsImpossibleOnWindows(Encoding.UTF8.GetBytes(name)));
}
