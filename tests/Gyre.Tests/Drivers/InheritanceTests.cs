using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gyre.Drivers;
using Gyre.Hosting;

namespace Gyre.Tests.Drivers;

/// <summary>Every descriptor is close-on-exec: a child process inherits none.</summary>
[Collection(DescriptorCollection.Name)]
public sealed class InheritanceTests
{
    private const string Shell = "/bin/sh";

    [Theory]
    [InlineData(DriverKind.IoUring)]
    [InlineData(DriverKind.Epoll)]
    [InlineData(DriverKind.Sockets)]
    public void A_child_process_inherits_nothing(DriverKind kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(Shell), "The descriptors of a process are listed on Linux only.");
        using Driver driver = Make(kind);
        var handler = new Collector();
        DriverListener listener = driver.Listen(new IPEndPoint(IPAddress.Loopback, 0), new ListenOptions());
        listener.StartAccept(handler);
        driver.StartConnect(listener.LocalEndPoint, new ConnectOptions(), handler);
        while (handler.Count < 2)
        {
            driver.Turn(10_000_000);
        }

        var start = new ProcessStartInfo(Shell, ["-c", "ls -l /proc/self/fd"]) { RedirectStandardOutput = true };
        using var child = Process.Start(start)!;
        string listing = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Assert.Contains("->", listing, StringComparison.Ordinal);
        string[] inherited = [.. listing.Split('\n').Where(static line => line.Contains("anon_inode", StringComparison.Ordinal))];
        Assert.Empty(inherited);
        string[] ours =
        [
            .. Directory.GetFiles("/proc/self/fd")
                .Select(NameOf)
                .Where(static name => name.StartsWith("socket:", StringComparison.Ordinal)),
        ];
        Assert.True(ours.Length >= 3, "The test must have sockets to inherit.");
        Assert.DoesNotContain(ours, name => listing.Contains(name, StringComparison.Ordinal));
    }

    private static Driver Make(DriverKind kind)
    {
        try
        {
            return DriverSelection.Choose(kind).Create();
        }
        catch (PlatformNotSupportedException reason)
        {
            Assert.Skip(reason.Message);
            throw;
        }
    }

    private static string NameOf(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: false)?.Name ?? "";
        }
        catch (IOException)
        {
            // The descriptor of the listing itself is closed by now.
            return "";
        }
    }

    private sealed class Collector : IAcceptHandler, IConnectHandler
    {
        public int Count { get; private set; }

        public void OnAccepted(DriverConnection connection) => Count++;

        public void OnAcceptEnded(SocketError reason)
        {
        }

        public void OnListenerClosed()
        {
        }

        public void OnConnected(DriverConnection connection) => Count++;

        public void OnConnectFailed(SocketError error) => Assert.Fail($"Connecting failed with {error}.");
    }
}
