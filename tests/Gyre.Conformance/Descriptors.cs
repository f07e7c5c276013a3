using System.Net;
using System.Net.Sockets;
using Gyre.Conformance.Probes;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Conformance;

/// <summary>The descriptors of this process that a driver could lose: sockets, event counters, rings and pipes. Empty off Linux.</summary>
internal sealed class Descriptors
{
    private const string Folder = "/proc/self/fd";

    /// <summary>The BCL closes some sockets from the thread pool, so the last ones may still be open when a case ends.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private static readonly HashSet<string> s_warm = [];

    private readonly Dictionary<string, string> _open;

    private Descriptors(Dictionary<string, string> open) => _open = open;

    public int Count => _open.Count;

    /// <summary>What is open now.</summary>
    public static Descriptors Take() => new(Read());

    /// <summary>Lets a driver, and the BCL below it, open once what they keep for the life of the process.</summary>
    public static void WarmUp(DriverUnderTest driver)
    {
        if (!s_warm.Add(driver.Name))
        {
            return;
        }

        using var world = new World(driver);
        using Rig rig = world.OpenRig();
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.StartReceive();
        client.Stream(1, 1);
        rig.TurnUntil(() => server.Received == 1, "the first byte ever arrives");
        rig.Finish();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    }

    /// <summary>Fails when something is open that wasn't when this was taken.</summary>
    public void AssertNoneLeft()
    {
        var patience = new Patience(s_patience);
        string[] left = Left();
        while (left.Length > 0 && patience.Lasts)
        {
            Thread.Yield();
            left = Left();
        }

        Assert.True(left.Length == 0, $"Descriptors were lost: {string.Join(", ", left)}.");
    }

    private string[] Left() =>
    [
        .. Read()
            .Where(now => !_open.TryGetValue(now.Key, out string? was) || was != now.Value)
            .Select(static now => $"{now.Key} → {now.Value}"),
    ];

    private static Dictionary<string, string> Read()
    {
        var open = new Dictionary<string, string>();
        if (!Directory.Exists(Folder))
        {
            return open;
        }

        foreach (string path in Directory.GetFiles(Folder))
        {
            string target = TargetOf(path);
            if (target.StartsWith("socket:", StringComparison.Ordinal) || target.StartsWith("anon_inode:", StringComparison.Ordinal) ||
                target.StartsWith("pipe:", StringComparison.Ordinal))
            {
                open[Path.GetFileName(path)] = target;
            }
        }

        return open;
    }

    private static string TargetOf(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: false)?.Name ?? "";
        }
        catch (IOException)
        {
            // Another thread closed it between the listing and the look.
            return "";
        }
    }
}
