using Gyre.Conformance.Probes;
using Xunit;

namespace Gyre.Conformance.Cases;

internal static class ScaleCases
{
    private const int Connections = 2000;

    /// <summary>Two descriptors a connection, and some for the process itself.</summary>
    private const int DescriptorsNeeded = (2 * Connections) + 400;

    [ConformanceCase]
    public static void Thousands_of_connections_are_all_served(Rig rig)
    {
        RequireDescriptors(rig);
        AcceptProbe listener = rig.Listen();
        var servers = new List<ConnectionProbe>();
        listener.WhenAccepted = accepted =>
        {
            servers.Add(accepted);
            accepted.Speaks(2, hears: 1);
            accepted.WhenReceived = static self => AnswerWhole(self);
            accepted.StartReceive();
        };
        var clients = new List<ConnectionProbe>();
        var attempts = new List<ConnectProbe>();
        for (int i = 0; i < Connections; i++)
        {
            attempts.Add(rig.Connect(listener.Listener.LocalEndPoint));
            rig.Turn(0);
        }

        rig.TurnUntil(() => attempts.TrueForAll(static one => one.HasEnded), "all are connected");
        clients.AddRange(attempts.Select(static one => one.Connected));
        foreach (ConnectionProbe client in clients)
        {
            client.Speaks(1, hears: 2);
            client.StartReceive();
            client.Stream(100, 100);
        }

        rig.TurnUntil(() => clients.TrueForAll(static one => one.Received == 100), "all are answered");
        Assert.Equal(2 * Connections, rig.Driver.Statistics.Connections);
        clients.ForEach(static one => one.Close(abort: false));
        rig.TurnUntil(() => servers.TrueForAll(static one => one.End is not null), "all servers see the end");
        servers.ForEach(static one => one.Close(abort: false));
        rig.TurnUntil(() => servers.TrueForAll(static one => one.IsClosed), "all are closed");
    }

    private static void AnswerWhole(ConnectionProbe self)
    {
        if (self.Received == 100)
        {
            self.Stream(100, 1000);
        }
    }

    internal static void RequireDescriptors(Rig rig)
    {
        const string limits = "/proc/self/limits";
        if (!rig.World.IsReal || !File.Exists(limits))
        {
            return;
        }

        string line = File.ReadLines(limits).Single(static one => one.StartsWith("Max open files", StringComparison.Ordinal));
        string soft = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        bool enough = soft == "unlimited" || int.Parse(soft, System.Globalization.CultureInfo.InvariantCulture) >= DescriptorsNeeded;
        Assert.SkipUnless(enough, $"The case needs {DescriptorsNeeded} descriptors, but the limit is {soft}; raise it (ulimit -n).");
    }
}
