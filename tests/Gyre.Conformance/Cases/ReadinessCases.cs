using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using Gyre.Conformance.Probes;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Conformance.Cases;

internal static class ReadinessCases
{
    private const DriverCapabilities Needed = DriverCapabilities.Readiness | DriverCapabilities.RealWorld;

    [ConformanceCase(Needs = Needed)]
    public static void A_pipe_becomes_readable_when_it_is_written_to(Rig rig)
    {
        using var reader = new AnonymousPipeServerStream(PipeDirection.In);
        using var writer = new AnonymousPipeClientStream(PipeDirection.Out, reader.ClientSafePipeHandle);
        for (int i = 0; i < 10; i++)
        {
            ReadinessProbe wait = rig.WaitReady(reader.SafePipeHandle, ReadinessKind.Readable);
            rig.Settle();
            Assert.False(wait.HasEnded, "An empty pipe isn't readable.");
            writer.WriteByte(1);
            rig.TurnUntil(() => wait.HasEnded, "the pipe is readable");
            Assert.Equal(SocketError.Success, wait.Outcome);
            Assert.Equal(1, reader.ReadByte());
        }
    }

    [ConformanceCase(Needs = Needed)]
    public static void An_empty_pipe_is_writable_at_once(Rig rig)
    {
        using var reader = new AnonymousPipeServerStream(PipeDirection.In);
        using var writer = new AnonymousPipeClientStream(PipeDirection.Out, reader.ClientSafePipeHandle);
        for (int i = 0; i < 10; i++)
        {
            ReadinessProbe wait = rig.WaitReady(writer.SafePipeHandle, ReadinessKind.Writable);
            Assert.False(wait.HasEnded, "An outcome is delivered in a turn only.");
            rig.TurnUntil(() => wait.HasEnded, "the pipe is writable");
            Assert.Equal(SocketError.Success, wait.Outcome);
        }
    }

    [ConformanceCase(Needs = Needed)]
    public static void A_hang_up_counts_as_ready(Rig rig)
    {
        using var reader = new AnonymousPipeServerStream(PipeDirection.In);
        var writer = new AnonymousPipeClientStream(PipeDirection.Out, reader.ClientSafePipeHandle);
        ReadinessProbe wait = rig.WaitReady(reader.SafePipeHandle, ReadinessKind.Readable);
        rig.Turn(0);
        writer.Dispose();
        reader.DisposeLocalCopyOfClientHandle();
        rig.TurnUntil(() => wait.HasEnded, "the hang-up is noticed");
        Assert.Equal(SocketError.Success, wait.Outcome);
    }

    [ConformanceCase(Needs = Needed)]
    public static void A_wait_can_be_cancelled_at_every_step(Rig rig)
    {
        using var reader = new AnonymousPipeServerStream(PipeDirection.In);
        for (int step = 0; step < 4; step++)
        {
            ReadinessProbe wait = rig.WaitReady(reader.SafePipeHandle, ReadinessKind.Readable);
            for (int i = 0; i < step; i++)
            {
                rig.Turn(0);
            }

            wait.Operation.Cancel();
            wait.Operation.Cancel();
            rig.TurnUntil(() => wait.HasEnded, "the wait ends");
            Assert.Equal(SocketError.OperationAborted, wait.Outcome);
            wait.Operation.Cancel();
            rig.Turn(0);
        }
    }

    [ConformanceCase(Needs = Needed)]
    public static void Both_directions_of_one_socket_are_waited_for_at_once(Rig rig)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        using Socket server = listener.Accept();
        ReadinessProbe readable = rig.WaitReady(client.SafeHandle, ReadinessKind.Readable);
        ReadinessProbe writable = rig.WaitReady(client.SafeHandle, ReadinessKind.Writable);
        rig.TurnUntil(() => writable.HasEnded, "the socket is writable");
        Assert.False(readable.HasEnded, "Nothing was sent yet.");
        server.Send([1]);
        rig.TurnUntil(() => readable.HasEnded, "the socket is readable");
    }

    [ConformanceCase(Needs = Needed)]
    public static void A_handle_is_kept_open_until_its_wait_has_ended(Rig rig)
    {
        using var reader = new AnonymousPipeServerStream(PipeDirection.In);
        using var writer = new AnonymousPipeClientStream(PipeDirection.Out, reader.ClientSafePipeHandle);
        ReadinessProbe wait = rig.WaitReady(reader.SafePipeHandle, ReadinessKind.Readable);
        rig.Turn(0);
        reader.SafePipeHandle.Dispose();
        writer.WriteByte(1);
        rig.TurnUntil(() => wait.HasEnded, "the wait ends although the handle was disposed");
        Assert.Equal(SocketError.Success, wait.Outcome);
    }

    [ConformanceCase(Needs = Needed)]
    public static void A_pending_wait_is_let_go_at_disposal(World world)
    {
        using var reader = new AnonymousPipeServerStream(PipeDirection.In);
        Rig rig = world.OpenRig();
        ReadinessProbe wait = rig.WaitReady(reader.SafePipeHandle, ReadinessKind.Readable);
        rig.Turn(0);
        rig.Dispose();
        Assert.False(wait.HasEnded, "Handlers aren't called at disposal.");
    }
}
