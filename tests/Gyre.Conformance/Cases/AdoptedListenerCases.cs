using System.Net;
using System.Net.Sockets;
using Gyre.Conformance.Probes;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Conformance.Cases;

/// <summary>
/// One listening socket from which two drivers accept, as two processes do while a server is replaced. The socket is opened and
/// looked at with the BCL; it lasts as long as one descriptor of it is open.
/// </summary>
internal static class AdoptedListenerCases
{
    private const int Count = 60;

    [ConformanceCase(Needs = DriverCapabilities.AdoptListener)]
    public static void A_socket_that_listens_already_is_accepted_from_whatever_its_blocking_state(World world)
    {
        foreach (bool blocking in (bool[])[true, false])
        {
            using ListenerHandle open = Open(blocking);
            Rig rig = world.OpenRig();
            AcceptProbe adopted = rig.AdoptListener(open);
            Assert.Equal(open.LocalEndPoint, adopted.Listener.LocalEndPoint);

            // Idle before the first connection: an accept that fails at once because nothing is there would show as an end.
            rig.Turn(0);
            rig.Turn(0);
            ExchangeOn(rig, adopted);
            rig.Finish();
        }
    }

    [ConformanceCase(Needs = DriverCapabilities.AdoptListener)]
    public static void What_is_queued_while_nobody_accepts_is_accepted_by_who_adopts(World world)
    {
        using ListenerHandle open = Open(blocking: true);
        Rig rig = world.OpenRig();
        ConnectProbe[] attempts = ConnectTo(open.LocalEndPoint, rig);
        rig.TurnUntil(() => Array.TrueForAll(attempts, static one => one.HasEnded), "the system connects all");
        AcceptProbe adopted = rig.AdoptListener(open);
        rig.TurnUntil(() => adopted.AcceptedCount == Count, "all are accepted");
        rig.Finish();
    }

    [ConformanceCase(Needs = DriverCapabilities.AdoptListener)]
    public static void Two_drivers_accept_from_one_socket_in_turns_and_lose_none(World world)
    {
        RequireDuplicates();
        Rig rig = world.OpenRig();
        Rig other = rig.OpenNeighbour();
        AcceptProbe first = rig.Listen();
        AcceptProbe second = other.AdoptListener(first.Listener.DuplicateHandle("second"), accept: false);
        int expected = 0;
        for (int round = 0; round < 10; round++)
        {
            ConnectProbe[] attempts = ConnectTo(first.Listener.LocalEndPoint, rig);
            expected += Count;
            AcceptProbe next = round % 2 == 0 ? second : first;
            AcceptProbe last = round % 2 == 0 ? first : second;

            // Both accept for a while, then the one stops while connections are on their way.
            next.Start();
            for (int turn = 0; turn < round; turn++)
            {
                rig.Turn(0);
                other.Turn(0);
            }

            last.Stop();
            rig.TurnUntil(() => !last.IsAccepting, "the accept ends");
            int taken = last.AcceptedCount;
            rig.TurnUntil(
                () => Array.TrueForAll(attempts, static one => one.HasEnded) && first.AcceptedCount + second.AcceptedCount == expected,
                $"all of round {round} are accepted by one of the two");
            Assert.Equal(taken, last.AcceptedCount);
        }

        Assert.All(first.Ends.Concat(second.Ends), static reason => Assert.Equal(SocketError.OperationAborted, reason));
        other.Finish();
        rig.Finish();
    }

    [ConformanceCase(Needs = DriverCapabilities.AdoptListener)]
    public static void What_is_queued_when_one_of_two_closes_is_accepted_by_the_other(World world)
    {
        RequireDuplicates();
        Rig rig = world.OpenRig();
        Rig other = rig.OpenNeighbour();
        AcceptProbe first = rig.Listen();
        AcceptProbe second = other.AdoptListener(first.Listener.DuplicateHandle("second"), accept: false);
        first.Stop();
        rig.TurnUntil(() => !first.IsAccepting, "the accept ends");
        ConnectProbe[] attempts = ConnectTo(first.Listener.LocalEndPoint, rig);
        rig.TurnUntil(() => Array.TrueForAll(attempts, static one => one.HasEnded), "the system connects all");
        first.Close();
        rig.TurnUntil(() => first.IsClosed, "the first is closed");
        second.Start();
        rig.TurnUntil(() => second.AcceptedCount == Count, "all are accepted by the other");
        Assert.Equal(0, first.AcceptedCount);
        other.Finish();
        rig.Finish();
    }

    [ConformanceCase(Needs = DriverCapabilities.AdoptListener)]
    public static void Closing_one_of_two_in_the_middle_of_an_accept_leaves_the_socket_as_it_was(World world)
    {
        RequireDuplicates();
        Rig rig = world.OpenRig();
        Rig other = rig.OpenNeighbour();
        AcceptProbe first = rig.Listen();
        using ListenerHandle kept = first.Listener.DuplicateHandle("kept");

        // Several turns, so that an accept is surely under way when the listener is closed, and no stop went before.
        for (int i = 0; i < 3; i++)
        {
            rig.Turn(0);
        }

        first.Close();
        rig.TurnUntil(() => first.IsClosed, "the first is closed");
        using var look = new SafeSocketHandle(kept.DangerousGetHandle(), ownsHandle: false);
        using (var socket = new Socket(look))
        {
            Assert.False(socket.LingerState!.Enabled, "What is accepted from now on would be reset when it is closed.");
            Assert.NotEqual(0, (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection)!);
        }

        ExchangeOn(rig, other.AdoptListener(kept));
        other.Finish();
        rig.Finish();
    }

    [ConformanceCase(Needs = DriverCapabilities.AdoptListener)]
    public static void A_handle_outlives_its_listener_and_is_adopted_once(World world)
    {
        RequireDuplicates();
        Rig rig = world.OpenRig();
        AcceptProbe first = rig.Listen();
        ListenerHandle handle = first.Listener.DuplicateHandle("http");
        Assert.Equal("http", handle.Name);
        Assert.Equal(first.Listener.LocalEndPoint, handle.LocalEndPoint);
        first.Close();
        rig.TurnUntil(() => first.IsClosed, "the first is closed");
        AcceptProbe second = rig.AdoptListener(handle);
        Assert.Throws<ObjectDisposedException>(() => rig.Driver.AdoptListener(handle, new ListenOptions()));
        handle.Dispose();
        ExchangeOn(rig, second);
        rig.Finish();
    }

    private static ConnectProbe[] ConnectTo(IPEndPoint endPoint, Rig rig) =>
        [.. Enumerable.Range(0, Count).Select(_ => rig.Connect(endPoint))];

    private static void ExchangeOn(Rig clients, AcceptProbe listener)
    {
        ConnectProbe connect = clients.Connect(listener.Listener.LocalEndPoint);
        clients.TurnUntil(() => connect.HasEnded && listener.Accepted.Count > 0, "a connection is made and accepted");
        ConnectionProbe client = connect.Connected;
        ConnectionProbe server = listener.Accepted.Dequeue();
        client.Speaks(1, hears: 2);
        server.Speaks(2, hears: 1);
        server.StartReceive();
        client.Stream(100, 100);
        clients.TurnUntil(() => server.Received == 100, "the bytes arrive");
    }

    private static void RequireDuplicates() => Assert.SkipUnless(
        OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("GYRE_FORBID_PINVOKE") != "1",
        "driver: a listening socket is duplicated by a system call of Linux, which is forbidden in this run or not to be had.");

    /// <summary>
    /// A listening socket that the BCL opened and let go of. It is not disposed: a socket whose handle was made invalid would wait for
    /// that handle's release for ever.
    /// </summary>
    private static ListenerHandle Open(bool blocking)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = blocking };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(Count * 2);
        nint descriptor = socket.Handle;
        socket.SafeHandle.SetHandleAsInvalid();
        GC.SuppressFinalize(socket);
        return new ListenerHandle(descriptor, "taken");
    }
}
