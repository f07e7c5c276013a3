using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gyre.Tests;

/// <summary>
/// A stream of connections, each of which must get an answer, while their listener moves between processes. The clients and what
/// opens the inherited socket are the BCL's.
/// </summary>
public sealed class ListenerMoveTests
{
    /// <summary>Connections under way at once: more than a listener accepts in one go with one of the two processes stopping.</summary>
    private const int ClientsMax = 16;

    /// <summary>Connections that must be answered before and after a move; enough that some are queued at each step.</summary>
    private const int Answers = 200;

    /// <summary>Not any shell: dash takes no descriptor of two digits.</summary>
    private const string Shell = "/bin/bash";

    public static TheoryData<string, string> Pairs => new()
    {
        { "io_uring", "io_uring" },
        { "epoll", "epoll" },
        { "sockets", "sockets" },
        { "io_uring", "epoll" },
        { "epoll", "sockets" },
        { "sockets", "io_uring" },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Over_a_unix_socket_no_connection_is_lost(string from, string to)
    {
        Require(from, needsNative: true);
        Require(to, needsNative: true);
        using var folder = new TemporaryFolder();
        using var first = ChildProcess.Start(["offer", folder.Path("door")], from);
        IPEndPoint endPoint = IPEndPoint.Parse((await first.ReadLineAsync())!);
        using var clients = new ClientStream(endPoint, ClientsMax);
        await clients.AnswersAsync(Answers);

        // One that dies before it is ready changes nothing.
        using (var dying = ChildProcess.Start(["take-and-die", folder.Path("door")], to))
        {
            await dying.ExpectAsync("1");
            Assert.Equal(7, await dying.ExitCodeAsync());
        }

        Assert.Contains("before it was ready", await first.ReadLineAsync(), StringComparison.Ordinal);
        using var second = ChildProcess.Start(["take", folder.Path("door")], to);
        await second.ExpectAsync("ready");
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root));
        await first.ExpectAsync("ended");
        Assert.Equal(0, await first.ExitCodeAsync());
        await clients.AnswersAsync(Answers);
        IReadOnlyCollection<string> answerers = await clients.EndAsync();
        Assert.Equal(2, answerers.Count);
    }

    [Theory]
    [InlineData("io_uring")]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task An_inherited_listener_is_served_by_one_process_after_the_other_and_no_connection_is_lost(string driver)
    {
        Require(driver, needsNative: false);
        Assert.SkipUnless(File.Exists(Shell), "Passing descriptor 3 to a child needs bash.");

        // The one who starts the servers keeps the socket, as systemd does: here a shell that lets descriptor 3 through.
        using var opener = new Opener();
        using var clients = new ClientStream(opener.EndPoint, ClientsMax);
        var answerers = new List<string>();
        for (int i = 0; i < 2; i++)
        {
            using Process server = opener.StartServer(driver);
            Assert.Equal("web removed", await server.StandardOutput.ReadLineAsync().WaitAsync(OnLoop.HangBound));
            await clients.AnswersAsync(Answers);
            await server.StandardInput.WriteLineAsync("end");
            Assert.Equal("ended", await server.StandardOutput.ReadLineAsync().WaitAsync(OnLoop.HangBound));
            await server.WaitForExitAsync().WaitAsync(OnLoop.HangBound);
            Assert.Equal(0, server.ExitCode);
            answerers.Add(server.Id.ToString(CultureInfo.InvariantCulture));
        }

        // Those that are queued now wait for a third server, which never comes.
        Assert.Equal(answerers.Order(StringComparer.Ordinal), (await clients.EndAsync(lastOnesUnanswered: true)).Order(StringComparer.Ordinal));
    }

    private static void Require(string driver, bool needsNative)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "driver: descriptors are passed on Linux only.");
        Assert.SkipUnless(driver != "io_uring" || Gyre.Drivers.IoUring.IoUringSupport.IsKernelRecent(out _), "driver: the kernel is too old.");
        Assert.SkipWhen(
            (needsNative || driver != "sockets") && Gyre.TestSupport.PInvokeGuard.IsOn, "driver: it takes P/Invoke, which is forbidden in this run.");
    }

    /// <summary>Holds a listening socket, and starts servers with it as descriptor 3 by way of a shell.</summary>
    private sealed class Opener : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        public Opener()
        {
            _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _socket.Listen(511);
            EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
            InheritableDescriptor.Make((int)_socket.Handle);
        }

        public IPEndPoint EndPoint { get; }

        public Process StartServer(string driver)
        {
            string command = $"export LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDNAMES=web; exec \"$@\" 3<&{_socket.Handle}";
            string program = Path.Combine(AppContext.BaseDirectory, "Gyre.ChildProgram.dll");
            var start = new ProcessStartInfo(Shell, ["-c", command, Shell, "dotnet", program, "inherit"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            };
            start.Environment["GYRE_DRIVER"] = driver;
            return Process.Start(start)!;
        }

        public void Dispose() => _socket.Dispose();
    }
}
