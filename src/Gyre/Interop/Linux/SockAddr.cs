using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Gyre.Interop.Linux;

/// <summary>Room for struct sockaddr_in and sockaddr_in6, and the way from and to <see cref="IPEndPoint"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SockAddr
{
    public const int Size = 28;
    private const int InetLength = 16;

    public ushort Family;
    public fixed byte Rest[Size - sizeof(ushort)];

    private static Span<byte> RestOf(ref SockAddr address) =>
        MemoryMarshal.CreateSpan(ref address.Rest[0], Size - sizeof(ushort));

    /// <summary>Writes <paramref name="endPoint"/> into <paramref name="address"/> and answers the length to pass on.</summary>
    public static uint Write(IPEndPoint endPoint, out SockAddr address)
    {
        address = default;
        Span<byte> rest = RestOf(ref address);
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)endPoint.Port);
        if (endPoint.AddressFamily == AddressFamily.InterNetwork)
        {
            address.Family = Libc.AF_INET;
            endPoint.Address.TryWriteBytes(rest[2..], out _);
            return InetLength;
        }

        address.Family = Libc.AF_INET6;
        endPoint.Address.TryWriteBytes(rest[6..], out _);
        MemoryMarshal.Write(rest[22..], (uint)endPoint.Address.ScopeId);
        return Size;
    }

    /// <summary>Reads an IPv4 or IPv6 address; null when the family is neither.</summary>
    public static IPEndPoint? Read(ref SockAddr address)
    {
        Span<byte> rest = RestOf(ref address);
        int port = BinaryPrimitives.ReadUInt16BigEndian(rest);
        return address.Family switch
        {
            Libc.AF_INET => new IPEndPoint(new IPAddress(rest.Slice(2, 4)), port),
            Libc.AF_INET6 => new IPEndPoint(new IPAddress(rest.Slice(6, 16), MemoryMarshal.Read<uint>(rest[22..])), port),
            _ => null,
        };
    }

    /// <summary>The address family constant of <paramref name="endPoint"/>.</summary>
    public static int FamilyOf(IPEndPoint endPoint) =>
        endPoint.AddressFamily == AddressFamily.InterNetwork ? Libc.AF_INET : Libc.AF_INET6;
}
