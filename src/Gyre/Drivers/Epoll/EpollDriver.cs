using System.Net;
using System.Runtime.InteropServices;
using Gyre.Interop.Linux;
using Gyre.Time;

namespace Gyre.Drivers.Epoll;
internal sealed class EpollDriver { public const string DriverName="epoll"; public static Driver Create() => throw new PlatformNotSupportedException(); }
