using System.Globalization;

namespace Gyre.Http.Server;

/// <summary>How many connections a loop may hold: what the process's descriptor limit leaves.</summary>
/// <param name="Connections">Connections that are served.</param>
/// <param name="AcceptedAhead">Connections that its listener may have accepted beside those, each with a descriptor too.</param>
internal readonly record struct ConnectionLimit(int Connections, int AcceptedAhead)
{
    /// <summary>Connections above the limit that are accepted to be told so.</summary>
    public int Surplus { get; init; }

    /// <summary>Whether descriptors are too few for a driver that accepts all that the system has queued, however many it was asked for.</summary>
    public bool IsExact { get; init; }

    /// <summary>Enough to empty a burst in few turns, and little beside the usual limit of 1024 descriptors.</summary>
    private const int AcceptedAheadMax = 64;

    /// <summary>Descriptors kept free, beside those that are open already, for files and outgoing connections.</summary>
    private const int Reserved = 64;

    private const string LimitsFile = "/proc/self/limits";
    private const string LimitName = "Max open files";
    private const string OpenFolder = "/proc/self/fd";

    /// <summary>For each of <paramref name="loops"/> loops; unlimited where the system doesn't tell its limit.</summary>
    /// <param name="loops">Loops times addresses.</param>
    /// <param name="backlog">Connections that the system queues.</param>
    /// <param name="wanted">Connections that somebody chose, surplus included; 0 for as many as descriptors allow.</param>
    public static ConnectionLimit PerLoop(int loops, int backlog, int wanted = 0)
    {
        var unlimited = new ConnectionLimit(int.MaxValue, AcceptedAheadMax);
        if (!OperatingSystem.IsLinux() || !File.Exists(LimitsFile))
        {
            return unlimited;
        }

        string? line = File.ReadLines(LimitsFile).FirstOrDefault(static line => line.StartsWith(LimitName, StringComparison.Ordinal));
        string? soft = line?[LimitName.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long descriptors)
            ? Share(descriptors, Directory.GetFileSystemEntries(OpenFolder).Length, loops, backlog, wanted)
            : unlimited;
    }

    /// <summary>The share of one loop, of <paramref name="descriptors"/> for all, of which <paramref name="open"/> are taken.</summary>
    public static ConnectionLimit Share(long descriptors, int open, int loops, int backlog, int wanted = 0)
    {
        long share = Math.Clamp((descriptors - open - Reserved) / loops, 2, int.MaxValue);
        int ahead = (int)Math.Clamp(share / 4, 1, AcceptedAheadMax);
        bool isExact = (wanted > 0 ? wanted : ahead + backlog) > share - ahead - backlog;
        return new ConnectionLimit((int)share - ahead - (isExact ? 0 : backlog), ahead) { IsExact = isExact };
    }
}
