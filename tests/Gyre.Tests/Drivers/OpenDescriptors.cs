namespace Gyre.Tests.Drivers;

/// <summary>Counts the sockets, rings, epoll sets and eventfds of this process; for tests that run beside no other.</summary>
internal static class OpenDescriptors
{
    public static int Count() => Directory.GetFiles("/proc/self/fd").Select(NameOf).Count(static name =>
        name.StartsWith("socket:", StringComparison.Ordinal) || name.StartsWith("anon_inode:", StringComparison.Ordinal));

    private static string NameOf(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: false)?.Name ?? "";
        }
        catch (IOException)
        {
            // The descriptor of the listing itself is closed by now.
            return "";
        }
    }
}
