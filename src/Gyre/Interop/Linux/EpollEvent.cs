using System.Runtime.InteropServices;

namespace Gyre.Interop.Linux;

/// <summary>struct epoll_event where the kernel packs it: x64 alone, to match its 32-bit layout.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct EpollEventPacked
{
    public uint Events;
    public ulong Data;
}

/// <summary>struct epoll_event with natural alignment: arm64 and every other architecture.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EpollEventAligned
{
    public uint Events;
    public ulong Data;
}

/// <summary>struct __kernel_timespec: 64-bit seconds on every architecture.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KernelTimespec
{
    public long Seconds;
    public long Nanoseconds;
}
