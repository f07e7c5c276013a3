using System.Net;
using System.Net.Sockets;

namespace Gyre.Interop.Linux;

/// <summary>Opens sockets and sets their options, for the drivers that work with descriptors.</summary>
internal static unsafe class SocketSetup
{
    /// <summary>Binds and listens; TCP_NODELAY set here is inherited by every accepted connection, which saves a call on each.</summary>
    /// <exception cref="SocketException">A step failed; the message names the address and the likely remedy.</exception>
    public static int OpenListener(IPEndPoint endPoint, int backlog, bool shared, bool dualStack, bool noDelay, int flags)
    {
        int fd = Libc.Socket(SockAddr.FamilyOf(endPoint), flags);
        ThrowIfFailed(fd, endPoint, "open a socket for");
        try
        {
            Libc.SetOption(fd, Libc.SOL_SOCKET, Libc.SO_REUSEADDR, 1);
            if (shared)
            {
                ThrowIfFailed(Libc.SetOption(fd, Libc.SOL_SOCKET, Libc.SO_REUSEPORT, 1), endPoint, "share");
            }

            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                Libc.SetOption(fd, Libc.IPPROTO_IPV6, Libc.IPV6_V6ONLY, dualStack ? 0 : 1);
            }

            Libc.SetOption(fd, Libc.IPPROTO_TCP, Libc.TCP_NODELAY, noDelay ? 1 : 0);
            uint length = SockAddr.Write(endPoint, out SockAddr address);
            ThrowIfFailed(Libc.Bind(fd, &address, length), endPoint, "bind");
            ThrowIfFailed(Libc.Listen(fd, backlog), endPoint, "listen on");
            return fd;
        }
        catch
        {
            Libc.Close(fd);
            throw;
        }
    }

    /// <summary>
    /// Readies a listening socket that is open already, and that other processes may share. O_NONBLOCK is set for all of them:
    /// an accept that waits although another process took the connection would hold the loop.
    /// </summary>
    /// <exception cref="SocketException">The system refused.</exception>
    public static void PrepareAdopted(int fd, IPEndPoint endPoint, bool noDelay)
    {
        ThrowIfFailed(Libc.SetCloseOnExec(fd), endPoint, "adopt the listener of");
        ThrowIfFailed(Libc.SetNonBlocking(fd, on: true), endPoint, "adopt the listener of");
        ThrowIfFailed(Libc.SetOption(fd, Libc.IPPROTO_TCP, Libc.TCP_NODELAY, noDelay ? 1 : 0), endPoint, "adopt the listener of");
    }

    /// <summary>Another descriptor of a listening socket.</summary>
    /// <exception cref="SocketException">The process is at its descriptor limit.</exception>
    public static int Duplicate(int fd, IPEndPoint endPoint)
    {
        int duplicate = Libc.Duplicate(fd);
        ThrowIfFailed(duplicate, endPoint, "duplicate the listener of");
        return duplicate;
    }

    /// <summary>Opens a socket to connect with; a negated errno when that fails.</summary>
    public static int OpenClient(IPEndPoint remote, IPEndPoint? local, bool noDelay, int flags)
    {
        int fd = Libc.Socket(SockAddr.FamilyOf(remote), flags);
        if (fd < 0)
        {
            return fd;
        }

        Libc.SetOption(fd, Libc.IPPROTO_TCP, Libc.TCP_NODELAY, noDelay ? 1 : 0);
        if (local is not null)
        {
            uint length = SockAddr.Write(local, out SockAddr address);
            int bound = Libc.Bind(fd, &address, length);
            if (bound < 0)
            {
                Libc.Close(fd);
                return bound;
            }
        }

        return fd;
    }

    public static IPEndPoint? LocalEndPoint(int fd)
    {
        SockAddr address = default;
        uint length = SockAddr.Size;
        return Libc.GetSocketName(fd, &address, &length) < 0 ? null : SockAddr.Read(ref address);
    }

    public static IPEndPoint? RemoteEndPoint(int fd)
    {
        SockAddr address = default;
        uint length = SockAddr.Size;
        return Libc.GetPeerName(fd, &address, &length) < 0 ? null : SockAddr.Read(ref address);
    }

    private static void ThrowIfFailed(int result, IPEndPoint endPoint, string verb)
    {
        if (result < 0)
        {
            throw ListenErrors.Create(Errno.ToSocketError(-result), verb, endPoint);
        }
    }
}
