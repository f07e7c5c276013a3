using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gyre.Interop.Linux;

namespace Gyre.Net;

/// <summary>
/// The Unix sockets of a hand-off. They are the BCL's, whose waits block no loop and take a token; only what carries descriptors is
/// done by system calls beside it. They keep message boundaries (SOCK_SEQPACKET), so a message is there in whole or not at all.
/// </summary>
internal static class HandOffSocket
{
    private const uint OwnerOnly = 0b110_000_000;

    private const uint Root = 0;

    /// <summary>Processes that may wait while another is served; the next attempt is refused by the system.</summary>
    private const int Waiting = 8;

    public static Socket New() => new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);

    /// <summary>Listens at a path, for processes of this user; disposing the socket removes the file.</summary>
    public static Socket Listen(UnixDomainSocketEndPoint door)
    {
        string path = door.ToString();
        RemoveStale(door, path);
        Socket socket = New();
        try
        {
            // Before bind, the mode of the socket is the one that its file is made with: there is no moment at which others may connect.
            Libc.SetMode((int)socket.Handle, OwnerOnly);
            socket.Bind(door);
            socket.Listen(Waiting);
            return socket;
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            string reason = Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder)
                ? $"the folder '{folder}' doesn't exist; make it, or choose another path ({failure.SocketErrorCode})"
                : $"{failure.SocketErrorCode}";
            throw new SocketException((int)failure.SocketErrorCode, $"Can't offer listeners at '{path}': {reason}.");
        }
    }

    public static bool IsTrusted(uint user) => user == Root || user == Libc.EffectiveUser();

    /// <summary>The process and the user at the other end, when it connected or began to listen (SO_PEERCRED, unix(7)).</summary>
    public static (int Process, uint User) PeerOf(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[3 * sizeof(int)];
        socket.GetRawSocketOption(Libc.SOL_SOCKET, Libc.SO_PEERCRED, credentials);
        return (MemoryMarshal.Read<int>(credentials), MemoryMarshal.Read<uint>(credentials[sizeof(int)..]));
    }

    /// <summary>Waits for a message without taking it; false at the end.</summary>
    public static async Task<bool> WaitAsync(Socket socket, CancellationToken token)
    {
        byte[] one = new byte[1];
        try
        {
            // A look, because a receive of the BCL's would throw away the descriptors that come with the message.
            return await socket.ReceiveAsync(one, SocketFlags.Peek, token) > 0;
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionReset)
        {
            return false;
        }
    }

    /// <summary>Waits for a message without descriptors; empty at the end. Descriptors that come nevertheless are closed.</summary>
    public static async Task<byte[]> ReceiveAsync(Socket socket, CancellationToken token)
    {
        byte[] text = new byte[1024];
        while (await WaitAsync(socket, token))
        {
            var unwanted = new List<int>();
            int count = DescriptorMessage.Receive((int)socket.Handle, text, unwanted, out _);
            HandOffMessage.CloseAll(unwanted);
            if (count != -Errno.EAGAIN)
            {
                return count > 0 ? text[..count] : [];
            }
        }

        return [];
    }

    /// <summary>Sends a short message; false when the other end is gone.</summary>
    public static bool TrySend(Socket socket, ReadOnlySpan<byte> message) =>
        DescriptorMessage.Send((int)socket.Handle, message, descriptors: []) >= 0;

    private static void RemoveStale(UnixDomainSocketEndPoint door, string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        if (!Libc.IsSocketFile(path))
        {
            throw new IOException($"Can't offer listeners at '{path}': something else than a socket is there; remove it, or choose another path.");
        }

        using Socket probe = New();
        probe.Blocking = false;
        try
        {
            probe.Connect(door);
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionRefused)
        {
            // Nobody listens any more: its process ended without removing it.
            File.Delete(path);
            return;
        }
        catch (SocketException)
        {
            // Whatever else it answers, somebody does.
        }

        throw new IOException($"Can't offer listeners at '{path}': another process offers there; end its offer, or choose another path.");
    }
}
