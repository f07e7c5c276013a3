using System.Globalization;

namespace Gyre.Http.Server;

/// <summary>How many connections a process can hold: what its descriptor limit leaves.</summary>
internal static class ConnectionLimit
{
    /// <summary>Descriptors kept free for files, outgoing connections, loops and the runtime itself.</summary>
    private const int Reserved = 64;

    private const string LimitsFile = "/proc/self/limits";

    /// <summary>Connections for each of <paramref name="loops"/> loops; unlimited where the system doesn't tell its limit.</summary>
    public static int PerLoop(int loops)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(LimitsFile))
        {
            return int.MaxValue;
        }

        string? line = File.ReadLines(LimitsFile).FirstOrDefault(static l => l.StartsWith("Max open files", StringComparison.Ordinal));
        string? soft = line?["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long descriptors)
            ? (int)Math.Clamp((descriptors - Reserved) / loops, 1, int.MaxValue)
            : int.MaxValue;
    }
}
