using Gyre.Interop.Linux;

namespace Gyre.Drivers.IoUring;

/// <summary>Says why io_uring can't be used here, with the remedy.</summary>
internal static class IoUringSupport
{
    /// <summary>6.1 is the first long-term kernel with DEFER_TASKRUN, multishot receive and provided-buffer rings together.</summary>
    private static readonly Version s_oldestKernel = new(6, 1);

    public static bool IsKernelRecent(out string reason)
    {
        if (!OperatingSystem.IsLinux())
        {
            reason = "io_uring exists on Linux only";
            return false;
        }

        Version kernel = Environment.OSVersion.Version;
        bool recent = kernel >= s_oldestKernel;
        reason = recent
            ? $"kernel {kernel} is recent enough"
            : $"kernel {kernel} is older than {s_oldestKernel}, the oldest on which Gyre uses io_uring";
        return recent;
    }

    public static string Explain(int errno) => errno switch
    {
        Errno.ENOSYS => "this kernel was built without io_uring, or a sandbox hides it",
        Errno.EPERM or Errno.EACCES =>
            "io_uring is forbidden here: by a seccomp profile (Docker's default one does; see docs/containers.md) or by the " +
            "sysctl kernel.io_uring_disabled",
        Errno.ENOMEM =>
            "the limit on locked memory is too low for a ring; raise it (ulimit -l, or LimitMEMLOCK= in systemd)",
        Errno.EMFILE or Errno.ENFILE => "the process is at its descriptor limit; raise it (ulimit -n)",
        Errno.EINVAL => "this kernel lacks an io_uring feature that Gyre needs (kernel 6.1 or later has them all)",
        _ => $"the kernel refused to set up a ring (errno {errno})",
    };
}
