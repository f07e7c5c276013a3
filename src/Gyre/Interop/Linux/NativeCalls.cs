namespace Gyre.Interop.Linux;

/// <summary>Whether system calls are to be had: on Linux, unless the host refuses to load the C library for this assembly.</summary>
internal static class NativeCalls
{
    /// <exception cref="PlatformNotSupportedException">They aren't; the message says what needs them.</exception>
    public static void Require(string what)
    {
        if (Refusal() is { } reason)
        {
            throw new PlatformNotSupportedException($"{what} takes system calls of Linux, and {reason}.");
        }
    }

    /// <summary>Why there are none; null when there are.</summary>
    public static string? Refusal()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "this is another system";
        }

        try
        {
            Libc.EffectiveUser();
            return null;
        }
        catch (Exception refusal) when (refusal is DllNotFoundException or EntryPointNotFoundException or InvalidOperationException)
        {
            // A resolver of the host's may throw what it likes; that it does is the answer.
            return $"this process refuses native calls ({refusal.Message.TrimEnd('.')})";
        }
    }
}
