using System.Net;
using System.Net.Sockets;

namespace Gyre.Interop;

/// <summary>
/// What is done with listening descriptors that other processes may share; through the BCL, so wherever it works.
/// </summary>
internal static class ListeningSocket
{
    /// <summary>The address of a listening TCP socket.</summary>
    /// <exception cref="ArgumentException">It is something else; the message says what, and names the descriptor.</exception>
    public static IPEndPoint Inspect(nint descriptor, string name)
    {
        // The one who looks doesn't own it: nothing that happens here closes it.
        using var borrowed = new SafeSocketHandle(descriptor, ownsHandle: false);
        Socket socket;
        try
        {
            socket = new Socket(borrowed);
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException)
        {
            throw Wrong(descriptor, name, $"isn't an open socket ({failure.Message.TrimEnd('.')})", failure);
        }

        using (socket)
        {
            if (socket.SocketType == SocketType.Unknown)
            {
                throw Wrong(descriptor, name, "isn't an open socket");
            }

            if (socket.SocketType != SocketType.Stream)
            {
                throw Wrong(descriptor, name, $"is a socket of type {socket.SocketType}");
            }

            if (socket.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
            {
                throw Wrong(descriptor, name, $"is a socket of family {socket.AddressFamily}");
            }

            if (!IsListening(socket))
            {
                throw Wrong(descriptor, name, "is a socket that doesn't listen");
            }

            return (IPEndPoint)socket.LocalEndPoint!;
        }
    }

    /// <summary>
    /// Closes a descriptor and nothing more: the BCL's handle alone would close it abortively, and so change the options of
    /// the socket for everybody who shares it.
    /// </summary>
    public static void Close(nint descriptor)
    {
        var handle = new SafeSocketHandle(descriptor, ownsHandle: true);
        try
        {
            new Socket(handle).Dispose();
        }
        catch (SocketException)
        {
            // It was no socket any more; there are no options to protect then.
            handle.Dispose();
        }
    }

    private static bool IsListening(Socket socket) =>
        socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is int value && value != 0;

    private static ArgumentException Wrong(nint descriptor, string name, string what, Exception? inner = null) => new(
        $"Descriptor {descriptor} ('{name}') {what}; a listener is a stream socket of IPv4 or IPv6 on which listen was called.", inner);
}
