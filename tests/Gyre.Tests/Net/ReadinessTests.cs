using System.Net;
using System.Net.Sockets;

namespace Gyre.Tests;

/// <summary>Raw readiness of descriptors that others read and write.</summary>
public sealed class ReadinessTests
{
    [Fact]
    public void Readable_once_bytes_or_the_end_are_there() => OnLoop.Run(static async () =>
    {
        EventLoop loop = NeedsReadiness();
        (Socket left, Socket right) = ConnectPair();
        using (left)
        using (right)
        {
            Task readable = loop.WaitReadableAsync(left.SafeHandle).AsTask();
            await OnLoop.TurnsAsync(5);
            Assert.False(readable.IsCompleted);
            Assert.Equal(1, right.Send("x"u8));
            await readable;
            Assert.Equal(1, left.Receive(new byte[10]));
            right.Shutdown(SocketShutdown.Send);
            await loop.WaitReadableAsync(left.SafeHandle);
            Assert.Equal(0, left.Receive(new byte[10]));
        }
    });

    [Fact]
    public void Writable_once_there_is_room() => OnLoop.Run(static async () =>
    {
        EventLoop loop = NeedsReadiness();
        (Socket left, Socket right) = ConnectPair();
        using (left)
        using (right)
        {
            await loop.WaitWritableAsync(left.SafeHandle);
            left.Blocking = false;
            byte[] chunk = new byte[100_000];
            while (left.Send(chunk, SocketFlags.None, out SocketError error) > 0 && error == SocketError.Success)
            {
                // Until the system takes no more.
            }

            Task writable = loop.WaitWritableAsync(left.SafeHandle).AsTask();
            await OnLoop.TurnsAsync(5);
            Assert.False(writable.IsCompleted);
            right.Blocking = false;
            while (!writable.IsCompleted)
            {
                right.Receive(chunk, SocketFlags.None, out _);
                await Coroutine.YieldAsync();
            }

            await writable;
        }
    });

    [Fact]
    public void Cancelled_by_scope_or_token_it_can_be_waited_for_again() => OnLoop.Run(static async () =>
    {
        EventLoop loop = NeedsReadiness();
        (Socket left, Socket right) = ConnectPair();
        using (left)
        using (right)
        {
            for (int i = 0; i < 20; i++)
            {
                CancelScope scope = await CancelScope.RunAsync(async scope =>
                {
                    loop.Post(() => scope.Cancel());
                    await loop.WaitReadableAsync(left.SafeHandle);
                });
                Assert.True(scope.CancelledCaught);
                using var source = new CancellationTokenSource();
                loop.Post(source.Cancel);
                await Assert.ThrowsAnyAsync<OperationCanceledException>(
                    async () => await loop.WaitReadableAsync(left.SafeHandle, source.Token));
            }

            right.Send("x"u8);
            await loop.WaitReadableAsync(left.SafeHandle);
        }
    });

    [Fact]
    public void Without_the_capability_it_is_refused() => OnLoop.Run(static () =>
    {
        EventLoop loop = EventLoop.Current;
        Assert.SkipWhen(loop.CanWaitForReadiness, "driver: it can wait for readiness.");
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.Throws<PlatformNotSupportedException>(() => { _ = loop.WaitReadableAsync(socket.SafeHandle); });
        return Task.CompletedTask;
    });

    private static EventLoop NeedsReadiness()
    {
        Assert.SkipUnless(EventLoop.Current.CanWaitForReadiness, "driver: it can't wait for readiness.");
        return EventLoop.Current;
    }

    private static (Socket Left, Socket Right) ConnectPair()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var left = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        left.Connect(listener.LocalEndPoint!);
        return (left, listener.Accept());
    }
}
