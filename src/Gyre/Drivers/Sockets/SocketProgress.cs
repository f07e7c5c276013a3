using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Gyre.Drivers.Sockets;

/// <summary>How far a peer has come with what it was sent, as Linux tells the BCL (TCP_INFO, tcp(7)).</summary>
/// <param name="AcknowledgedBytes">Since the connection began.</param>
/// <param name="UnacknowledgedBytes">What the system still has for the peer; what is on its way counts in whole packets.</param>
internal readonly record struct SocketProgress(long AcknowledgedBytes, long UnacknowledgedBytes)
{
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;

    // Offsets in struct tcp_info.
    private const int PacketBytesOffset = 16;
    private const int PacketsOffset = 24;
    private const int AcknowledgedOffset = 120;
    private const int UnsentOffset = 144;
    private const int Length = UnsentOffset + sizeof(int);

    /// <summary>Null where the system doesn't tell, and once the socket has been closed.</summary>
    public static SocketProgress? Of(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        Span<byte> info = stackalloc byte[Length];
        try
        {
            if (socket.GetRawSocketOption(TcpLevel, TcpInfo, info) < Length)
            {
                return null;
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            return null;
        }

        long onTheWay = (long)MemoryMarshal.Read<uint>(info[PacketsOffset..]) * MemoryMarshal.Read<uint>(info[PacketBytesOffset..]);
        return new SocketProgress(MemoryMarshal.Read<long>(info[AcknowledgedOffset..]), MemoryMarshal.Read<uint>(info[UnsentOffset..]) + onTheWay);
    }
}
