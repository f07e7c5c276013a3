using System.Globalization;

namespace Gyre.Http.Server;

/// <summary>How many connections a process can hold: what its descriptor limit leaves.</summary>
internal static class ConnectionLimit
{
    /// <summary>
    /// Connections that a listener may have accepted ahead of the server, each with a descriptor of its own. Enough to empty a
    /// burst in few turns, and little beside the usual limit of 1024 descriptors.
    /// </summary>
    public const int AcceptedMax = 64;

    /// <summary>Descriptors kept free for files, outgoing connections, loops and the runtime itself.</summary>
    private const int Reserved = 64;

    private const string LimitsFile = "/proc/self/limits";
    private const string LimitName = "Max open files";

    /// <summary>Connections for each of <paramref name="loops"/> loops; unlimited where the system doesn't tell its limit.</summary>
    public static int PerLoop(int loops)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(LimitsFile))
        {
            return int.MaxValue;
        }

        string? line = File.ReadLines(LimitsFile).FirstOrDefault(static line => line.StartsWith(LimitName, StringComparison.Ordinal));
        string? soft = line?[LimitName.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long descriptors)
            ? Share(descriptors, loops)
            : int.MaxValue;
    }

    /// <summary>The share of one loop of <paramref name="descriptors"/> that all may have.</summary>
    public static int Share(long descriptors, int loops) =>
        (int)Math.Clamp(((descriptors - Reserved) / loops) - AcceptedMax, 1, int.MaxValue);
}
