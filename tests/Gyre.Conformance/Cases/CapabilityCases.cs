using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using Gyre.Conformance.Probes;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Conformance.Cases;

/// <summary>
/// The table by which the kit skips is itself tested: what is declared is what is expected, and what is missing is refused.
/// </summary>
internal static class CapabilityCases
{
    [ConformanceCase]
    public static void What_is_declared_is_what_is_expected(Rig rig)
    {
        Assert.Equal(rig.World.Under.Capabilities, rig.Driver.Capabilities);
        Assert.Equal(rig.World.Under.Name, rig.Driver.Name);
    }

    [ConformanceCase]
    public static void What_is_missing_is_refused_by_name(Rig rig)
    {
        DriverCapabilities has = rig.Driver.Capabilities;
        if (!has.HasFlag(DriverCapabilities.Readiness))
        {
            using var pipe = new AnonymousPipeServerStream(PipeDirection.In);
            Refused(rig, () => rig.WaitReady(pipe.SafePipeHandle, ReadinessKind.Readable));
        }

        if (!has.HasFlag(DriverCapabilities.SharedListen))
        {
            var options = new ListenOptions { Shared = true };
            Refused(rig, () => rig.Driver.Listen(new IPEndPoint(IPAddress.Loopback, 0), options));
        }

        if (!has.HasFlag(DriverCapabilities.AdoptListener))
        {
            using var listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listening.Listen();
            using var handle = new ListenerHandle(listening.Handle, "borrowed");
            Refused(rig, () => rig.Driver.AdoptListener(handle, new ListenOptions()));
            handle.SetHandleAsInvalid();
            Assert.Throws<PlatformNotSupportedException>(() => rig.Listen().Listener.DuplicateHandle("wanted"));
        }

        if (!has.HasFlag(DriverCapabilities.HandOver))
        {
            Refused(rig, () => rig.Driver.Adopt(new object()));
            ConnectionProbe client = rig.Pair().Client;
            Assert.Throws<PlatformNotSupportedException>(client.Connection.Detach);
        }

        if (!has.HasFlag(DriverCapabilities.SendFile))
        {
            ConnectionProbe client = rig.Pair().Client;
            using var file = new PatternFile(seed: 1, position: 0, length: 1);
            var refusal = Assert.Throws<PlatformNotSupportedException>(() => client.Connection.StartSendFile(file.Handle, 0, 1));
            Assert.Contains(client.Connection.GetType().Name, refusal.Message, StringComparison.Ordinal);
        }
    }

    [ConformanceCase]
    public static void System_calls_are_counted_where_declared(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.StartReceive();
        client.Stream(10, 1);
        rig.TurnUntil(() => server.Received == 10, "the bytes arrive");
        bool counts = rig.Driver.Capabilities.HasFlag(DriverCapabilities.CountsSystemCalls);
        Assert.Equal(counts, rig.Driver.Statistics.SystemCalls > 0);
    }

    [ConformanceCase]
    public static void Events_and_connections_are_counted(Rig rig)
    {
        Assert.Equal(0, rig.Driver.Statistics.Connections);
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        Assert.Equal(2, rig.Driver.Statistics.Connections);
        Assert.True(rig.Driver.Statistics.Completions >= 2, "Connecting and accepting are two events.");
        client.Close(abort: false);
        server.Close(abort: false);
        rig.TurnUntil(() => client.IsClosed && server.IsClosed, "both are closed");
        Assert.Equal(0, rig.Driver.Statistics.Connections);
    }

    private static void Refused(Rig rig, Action use)
    {
        var refusal = Assert.Throws<PlatformNotSupportedException>(use);
        Assert.Contains(rig.Driver.Name, refusal.Message, StringComparison.Ordinal);
    }
}
