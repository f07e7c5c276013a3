using System.Runtime.InteropServices;

namespace Gyre.Interop.Linux;

internal static unsafe partial class Libc
{
    public const int AF_INET = 2;
    public const int AF_INET6 = 10;
    public const int SOCK_STREAM = 1;
    public const int SOCK_CLOEXEC = 0x80000;
    public const int SOCK_NONBLOCK = 0x800;

    public const int SOL_SOCKET = 1;
    public const int SO_REUSEADDR = 2;
    public const int SO_ERROR = 4;
    public const int SO_KEEPALIVE = 9;
    public const int SO_LINGER = 13;
    public const int SO_REUSEPORT = 15;
    public const int IPPROTO_TCP = 6;
    public const int IPPROTO_IPV6 = 41;
    public const int IPV6_V6ONLY = 26;
    public const int TCP_NODELAY = 1;
    public const int TCP_INFO = 11;
    public const int SIOCOUTQ = 0x5411;

    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_WAITALL = 0x100;
    public const int MSG_NOSIGNAL = 0x4000;
    public const int MSG_CTRUNC = 0x8;
    public const int MSG_TRUNC = 0x20;
    public const int MSG_CMSG_CLOEXEC = 0x40000000;
    public const int SCM_RIGHTS = 1;
    public const int SO_PEERCRED = 17;
    public const int MSG_MORE = 0x8000;
    public const int SHUT_WR = 1;

    [LibraryImport(Library, SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int bind(int fd, void* address, uint length);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int listen(int fd, int backlog);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int accept4(int fd, void* address, uint* length, int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int connect(int fd, void* address, uint length);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int shutdown(int fd, int how);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int setsockopt(int fd, int level, int name, void* value, uint length);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int getsockopt(int fd, int level, int name, void* value, uint* length);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int getsockname(int fd, void* address, uint* length);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int getpeername(int fd, void* address, uint* length);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint recv(int fd, void* buffer, nuint length, int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint send(int fd, void* buffer, nuint length, int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint sendmsg(int fd, MsgHdr* message, int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint recvmsg(int fd, MsgHdr* message, int flags);

    public static int Socket(int family, int flags)
    {
        int fault = SystemCallFault.Check("socket");
        return fault != 0 ? -fault : Result(socket(family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
    }

    public static int Bind(int fd, SockAddr* address, uint length) => Result(bind(fd, address, length));

    public static int Listen(int fd, int backlog) => Result(listen(fd, backlog));

    /// <summary>accept4(2) without the peer's address, which is asked for only when somebody wants it.</summary>
    public static int Accept(int fd, int flags)
    {
        int fault = SystemCallFault.Check("accept4");
        return fault != 0 ? -fault : Result(accept4(fd, null, null, flags));
    }

    /// <summary>connect(2). A fault takes the place of the answer, not of the call: an attempt that EINTR reports goes on.</summary>
    public static int Connect(int fd, SockAddr* address, uint length)
    {
        int result = Result(connect(fd, address, length));
        int fault = SystemCallFault.Check("connect");
        return fault != 0 ? -fault : result;
    }

    public static int ShutdownSend(int fd) => Result(shutdown(fd, SHUT_WR));

    public static int SetOption(int fd, int level, int name, int value) =>
        Result(setsockopt(fd, level, name, &value, sizeof(int)));

    /// <summary>Linger of zero seconds: close sends a reset and drops what was unsent.</summary>
    public static int SetLingerZero(int fd)
    {
        long onAndZeroSeconds = BitConverter.IsLittleEndian ? 1L : 1L << 32;
        return Result(setsockopt(fd, SOL_SOCKET, SO_LINGER, &onAndZeroSeconds, sizeof(long)));
    }

    /// <summary>Reads and clears the pending error (SO_ERROR) of a socket; an errno, or 0.</summary>
    public static int TakeError(int fd)
    {
        int value = 0;
        uint length = sizeof(int);
        int result = Result(getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &length));
        return result < 0 ? -result : value;
    }

    /// <summary>
    /// Bytes that the peer has acknowledged since the connection began: <c>tcpi_bytes_acked</c> of TCP_INFO (Linux 4.1), of whose structure no
    /// more than the part up to there is asked for. -1 when the system doesn't tell.
    /// </summary>
    public static long GetAcknowledgedBytes(int fd)
    {
        const int offset = 120;
        uint length = offset + sizeof(long);
        byte* info = stackalloc byte[offset + sizeof(long)];
        int result = Result(getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &length));
        return result == 0 && length == offset + sizeof(long) ? *(long*)(info + offset) : -1;
    }

    /// <summary>Bytes that were handed to the system and that the peer hasn't acknowledged (SIOCOUTQ, tcp(7)); or a negated errno.</summary>
    public static int GetUnacknowledgedBytes(int fd)
    {
        int bytes = 0;
        int result = Result(ioctl(fd, SIOCOUTQ, &bytes));
        return result < 0 ? result : bytes;
    }

    public static int GetSocketName(int fd, SockAddr* address, uint* length) => Result(getsockname(fd, address, length));

    public static int GetPeerName(int fd, SockAddr* address, uint* length) => Result(getpeername(fd, address, length));

    public static int Receive(int fd, byte* buffer, int length)
    {
        int fault = SystemCallFault.Check("recv");
        return fault != 0 ? -fault : Result(recv(fd, buffer, (nuint)length, 0));
    }

    public static int Send(int fd, byte* buffer, int length, int flags)
    {
        int fault = SystemCallFault.Check("send");
        return fault != 0 ? -fault : Result(send(fd, buffer, (nuint)length, MSG_NOSIGNAL | flags));
    }

    public static int SendMessage(int fd, MsgHdr* message, int flags)
    {
        int fault = SystemCallFault.Check("sendmsg");
        return fault != 0 ? -fault : Result(sendmsg(fd, message, MSG_NOSIGNAL | flags));
    }

    /// <summary>sendmsg(2) that never waits.</summary>
    public static int SendMessageNow(int fd, MsgHdr* message) => Result(sendmsg(fd, message, MSG_NOSIGNAL | MSG_DONTWAIT));

    /// <summary>recvmsg(2) that never waits; descriptors that come along are close-on-exec.</summary>
    public static int ReceiveMessageNow(int fd, MsgHdr* message) => Result(recvmsg(fd, message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC));
}
