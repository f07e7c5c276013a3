using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using Gyre.Net;

namespace Gyre.ChildProgram;

/// <summary>A run under a filter that forbids io_uring, as in a container.</summary>
internal static class BlockedRun
{
    /// <summary>Says that the kernel can't filter, so that the test is skipped.</summary>
    private const int NoFilter = 3;

    public static int Run(string errno)
    {
        // The filter holds for this thread and those that it starts, so for every loop.
        if (!Seccomp.TryBlock(Seccomp.IoUringSetup, int.Parse(errno, CultureInfo.InvariantCulture)))
        {
            return NoFilter;
        }

        Console.WriteLine($"io_uring_setup answers errno {Seccomp.ErrnoOf(Seccomp.IoUringSetup)}");
        try
        {
            GyreRuntime.Run(MakeRoundTrip, new RuntimeOptions { Log = Console.WriteLine, HandleSignals = false });
            return 0;
        }
        catch (PlatformNotSupportedException failure)
        {
            Console.WriteLine(failure.Message);
            return 1;
        }
    }

    private static async Task MakeRoundTrip()
    {
        Console.WriteLine($"{EventLoopGroup.Current.DriverName}: {EventLoopGroup.Current.DriverReason}");
        await using TcpListener listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        await using TcpConnection client = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
        await using TcpConnection server = await listener.AcceptAsync();
        await client.Output.WriteAsync("there"u8.ToArray());
        ReadResult there = await server.Input.ReadAtLeastAsync(5);
        await server.Output.WriteAsync(there.Buffer.FirstSpan.ToArray());
        server.Input.AdvanceTo(there.Buffer.End);
        ReadResult back = await client.Input.ReadAtLeastAsync(5);
        Console.WriteLine($"{back.Buffer.Length} bytes came back");
        client.Input.AdvanceTo(back.Buffer.End);
    }
}
