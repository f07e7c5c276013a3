using Gyre.Drivers.IoUring;
using Gyre.Interop.Linux;
using Gyre.TestSupport;

namespace Gyre.Tests.Drivers.IoUring;

/// <summary>io_uring really blocked, by a seccomp filter in a process of its own: EPERM as Docker's answers, ENOSYS as Podman's.</summary>
public sealed class BlockedTests
{
    private const int NoFilter = 3;

    [Theory]
    [InlineData(Errno.EPERM, "seccomp profile")]
    [InlineData(Errno.ENOSYS, "a sandbox hides it")]
    public async Task The_automatic_choice_is_epoll_says_why_and_works(int errno, string reason)
    {
        (int exitCode, string[] lines) = await RunAsync(errno, driver: "auto");
        Assert.Equal($"io_uring_setup answers errno {errno}", lines[0]);
        Assert.StartsWith("epoll: ", lines[1], StringComparison.Ordinal);
        Assert.Contains(reason, lines[1], StringComparison.Ordinal);
        Assert.Equal(["5 bytes came back"], lines[2..]);
        Assert.Equal(0, exitCode);
    }

    [Theory]
    [InlineData(Errno.EPERM, "docs/containers.md")]
    [InlineData(Errno.ENOSYS, "built without io_uring")]
    public async Task Forcing_io_uring_fails_with_cause_and_remedy(int errno, string remedy)
    {
        (int exitCode, string[] lines) = await RunAsync(errno, driver: "io_uring");
        Assert.Equal(2, lines.Length);
        Assert.Contains("io_uring driver was forced by GYRE_DRIVER", lines[1], StringComparison.Ordinal);
        Assert.Contains(remedy, lines[1], StringComparison.Ordinal);
        Assert.Contains("force epoll or sockets instead", lines[1], StringComparison.Ordinal);
        Assert.Equal(1, exitCode);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task Another_driver_that_is_forced_works_without_a_ring(string driver)
    {
        (int exitCode, string[] lines) = await RunAsync(Errno.EPERM, driver);
        Assert.Equal($"{driver}: forced by GYRE_DRIVER", lines[1]);
        Assert.Equal(["5 bytes came back"], lines[2..]);
        Assert.Equal(0, exitCode);
    }

    private static async Task<(int ExitCode, string[] Lines)> RunAsync(int errno, string driver)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "driver: seccomp exists on Linux only.");
        Assert.SkipWhen(PInvokeGuard.IsOn, "driver: io_uring lives on P/Invoke, which is forbidden in this run.");
        Assert.SkipUnless(IoUringSupport.IsKernelRecent(out string reason), $"driver: {reason}, so it isn't even asked for a ring.");
        using var child = ChildProcess.Start(["blocked", $"{errno}"], driver);
        string text = await child.ReadToEndAsync();
        int exitCode = await child.ExitCodeAsync();
        Assert.SkipWhen(exitCode == NoFilter, "driver: this kernel has no seccomp filters.");
        return (exitCode, text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
