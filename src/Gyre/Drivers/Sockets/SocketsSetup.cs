using System.Net;
using System.Net.Sockets;
using Gyre.Interop;

namespace Gyre.Drivers.Sockets;

/// <summary>Opens the BCL's sockets and sets their options.</summary>
internal static class SocketsSetup
{
    // The BCL has no name for these two of Linux: its own ReuseAddress would set both at once.
    private const int LinuxSolSocket = 1;
    private const int LinuxReuseAddress = 2;
    private const int LinuxReusePort = 15;

    /// <summary>Whether the system shares out the connections of one address to several listeners: Linux alone does.</summary>
    public static bool CanShare { get; } = OperatingSystem.IsLinux();

    /// <summary>Binds and listens.</summary>
    /// <exception cref="SocketException">A step failed; the message names the address and the likely remedy.</exception>
    public static Socket OpenListener(IPEndPoint endPoint, ListenOptions options)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            SetReuse(socket, options.Shared);
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = options.DualStack;
            }

            socket.NoDelay = options.NoDelay;
            socket.Bind(endPoint);
            socket.Listen(options.Backlog);
            return socket;
        }
        catch (SocketException failure)
        {
            socket?.Dispose();
            throw ListenErrors.Create(failure.SocketErrorCode, "listen on", endPoint);
        }
    }

    /// <summary>
    /// Takes a listening socket over that is open already. The BCL can't set close-on-exec; who needs that sets it where the
    /// descriptor comes from.
    /// </summary>
    /// <exception cref="SocketException">The system refused; the handle is as it was.</exception>
    public static Socket Adopt(ListenerHandle listener, ListenOptions options)
    {
        // What is set here is set for the descriptor that is handed over below: the options belong to the socket.
        using (var borrowed = new SafeSocketHandle(listener.DangerousGetHandle(), ownsHandle: false))
        using (var look = new Socket(borrowed))
        {
            look.NoDelay = options.NoDelay;
        }

        return new Socket(new SafeSocketHandle(listener.Release(), ownsHandle: true)) { Blocking = false };
    }

    /// <summary>Opens a socket to connect with.</summary>
    /// <exception cref="SocketException">The system refuses the socket or the local address.</exception>
    public static Socket OpenClient(IPEndPoint remote, ConnectOptions options)
    {
        var socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Blocking = false;
            socket.NoDelay = options.NoDelay;
            if (options.LocalEndPoint is { } local)
            {
                socket.Bind(local);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void SetReuse(Socket socket, bool shared)
    {
        if (!OperatingSystem.IsLinux())
        {
            // Windows lets nobody steal the address and needs nothing to rebind; elsewhere the BCL sees to that itself.
            return;
        }

        SetLinuxOption(socket, LinuxReuseAddress);
        if (shared)
        {
            SetLinuxOption(socket, LinuxReusePort);
        }
    }

    private static void SetLinuxOption(Socket socket, int name)
    {
        Span<byte> one = stackalloc byte[sizeof(int)];
        BitConverter.TryWriteBytes(one, 1);
        socket.SetRawSocketOption(LinuxSolSocket, name, one);
    }
}
