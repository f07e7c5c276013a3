using Gyre.Drivers;

namespace Gyre.Net;

/// <summary>An accepted connection on its way to another loop of the group. Any thread.</summary>
public sealed class DetachedTcpConnection : IDisposable
{
    private object? _detached;

    internal DetachedTcpConnection(object detached) => _detached = detached;

    /// <summary>Makes the connection one of the calling loop's, once.</summary>
    /// <exception cref="InvalidOperationException">It was attached already, or the calling code isn't run by a loop.</exception>
    /// <exception cref="PlatformNotSupportedException">The loop's driver can't take connections over.</exception>
    public TcpConnection AttachHere()
    {
        EventLoop loop = EventLoop.Current;
        object detached = Interlocked.Exchange(ref _detached, null)
            ?? throw new InvalidOperationException("The connection was attached to a loop already.");
        return new TcpConnection(loop, loop.Driver.Adopt(detached));
    }

    /// <summary>Closes a connection that nobody has attached; nothing once somebody has. Forgotten, it is closed by the garbage collector.</summary>
    public void Dispose() => (Interlocked.Exchange(ref _detached, null) as IDisposable)?.Dispose();
}
