using System.Net;
using System.Net.Sockets;

namespace Gyre.Interop;

/// <summary>Start-up failures of a listener as sentences that name the address and the remedy; the same on every driver.</summary>
internal static class ListenErrors
{
    public static SocketException Create(SocketError error, string verb, IPEndPoint endPoint)
    {
        string remedy = error switch
        {
            SocketError.AddressAlreadyInUse =>
                "another process, or this one, listens there; end that, choose another port, or use port 0 to let the system pick one",
            SocketError.AccessDenied => "ports below 1024 need a privilege; choose a higher port",
            SocketError.AddressNotAvailable => "no network interface of this machine has that address",
            SocketError.TooManyOpenSockets => "the process is at its descriptor limit; raise it (ulimit -n)",
            SocketError.NoBufferSpaceAvailable =>
                "kernel memory or the watches of this user are used up; close something, or raise fs.epoll.max_user_watches",
            SocketError.AddressFamilyNotSupported => "this machine doesn't speak that address family; use the other one of IPv4 and IPv6",
            _ => "the system refused",
        };
        return new SocketException((int)error, $"Can't {verb} {endPoint}: {remedy} ({error}).");
    }
}
