using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gyre.Tests;

/// <summary>No descriptor is left when the first connection comes: it waits, and nothing is broken for good.</summary>
public sealed class ExhaustionTests
{
    [Theory]
    [InlineData("io_uring")]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task A_first_connection_without_descriptors_is_served_when_there_are_some_again(string driver)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "driver: the shortage is made with files of Linux.");
        Assert.SkipUnless(driver != "io_uring" || Gyre.Drivers.IoUring.IoUringSupport.IsKernelRecent(out _), "driver: the kernel is too old.");
        Assert.SkipWhen(driver != "sockets" && Gyre.TestSupport.PInvokeGuard.IsOn, "driver: it lives on P/Invoke, which is forbidden in this run.");
        using var child = ChildProcess.Start(["exhausted"], driver, descriptorsMax: 256);
        IPEndPoint endPoint = IPEndPoint.Parse((await child.ReadLineAsync())!);
        await child.ExpectAsync("nothing left");
        using var client = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(endPoint).WaitAsync(OnLoop.HangBound);
        var stream = new NetworkStream(client);
        byte[] answer = new byte[4];
        await stream.ReadExactlyAsync(answer).AsTask().WaitAsync(OnLoop.HangBound);
        Assert.Equal("late", Encoding.ASCII.GetString(answer));
        Assert.Equal(0, await child.ExitCodeAsync());
    }
}
