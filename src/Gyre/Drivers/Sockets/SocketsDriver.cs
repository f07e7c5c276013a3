namespace Gyre.Drivers.Sockets;
internal static class SocketsDriver0 {}
