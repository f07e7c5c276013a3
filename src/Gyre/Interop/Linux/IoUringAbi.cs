using System.Runtime.InteropServices;

namespace Gyre.Interop.Linux;

/// <summary>Constants of linux/io_uring.h.</summary>
internal static class IoUringAbi
{
    public const uint SetupCqSize = 1u << 3;
    public const uint SetupClamp = 1u << 4;
    public const uint SetupSubmitAll = 1u << 7;
    public const uint SetupTaskrunFlag = 1u << 9;
    public const uint SetupSingleIssuer = 1u << 12;
    public const uint SetupDeferTaskrun = 1u << 13;

    public const uint FeatureSingleMmap = 1u << 0;
    public const uint FeatureNoDrop = 1u << 1;
    public const uint FeatureExtArg = 1u << 8;

    public const long OffsetSqRing = 0;
    public const long OffsetSqes = 0x10000000;

    public const uint EnterGetEvents = 1u << 0;
    public const uint EnterExtArg = 1u << 3;
    public const uint EnterRegisteredRing = 1u << 4;

    public const uint SqCqOverflow = 1u << 1;
    public const uint SqTaskrun = 1u << 2;

    public const uint CqeBuffer = 1u << 0;
    public const uint CqeMore = 1u << 1;
    public const int CqeBufferShift = 16;

    public const byte SqeBufferSelect = 1 << 5;
    public const byte SqeCqeSkipSuccess = 1 << 6;

    public const ushort AcceptMultishot = 1 << 0;
    public const ushort RecvMultishot = 1 << 1;
    public const ushort RecvPollFirst = 1 << 0;

    public const uint RegisterPbufRing = 22;
    public const uint UnregisterPbufRing = 23;
    public const uint RegisterRingFds = 20;
    public const uint UnregisterRingFds = 21;
    public const uint RegisterProbe = 8;

    public const byte OpNop = 0;
    public const byte OpPollAdd = 6;
    public const byte OpSendMsg = 9;
    public const byte OpAccept = 13;
    public const byte OpAsyncCancel = 14;
    public const byte OpConnect = 16;
    public const byte OpClose = 19;
    public const byte OpRead = 22;
    public const byte OpSend = 26;
    public const byte OpRecv = 27;
    public const byte OpShutdown = 34;
}

/// <summary>struct io_uring_sqe, the fields that the driver writes; 64 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct SubmissionEntry
{
    [FieldOffset(0)] public byte Opcode;
    [FieldOffset(1)] public byte Flags;
    [FieldOffset(2)] public ushort IoPriority;
    [FieldOffset(4)] public int Fd;
    [FieldOffset(8)] public ulong Offset;
    [FieldOffset(16)] public ulong Address;
    [FieldOffset(24)] public uint Length;
    [FieldOffset(28)] public uint OperationFlags;
    [FieldOffset(32)] public ulong UserData;
    [FieldOffset(40)] public ushort BufferGroup;
}

/// <summary>struct io_uring_cqe; 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CompletionEntry
{
    public ulong UserData;
    public int Result;
    public uint Flags;
}

/// <summary>struct io_sqring_offsets.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SubmissionOffsets
{
    public uint Head;
    public uint Tail;
    public uint RingMask;
    public uint RingEntries;
    public uint Flags;
    public uint Dropped;
    public uint Array;
    public uint Reserved;
    public ulong UserAddress;
}

/// <summary>struct io_cqring_offsets.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CompletionOffsets
{
    public uint Head;
    public uint Tail;
    public uint RingMask;
    public uint RingEntries;
    public uint Overflow;
    public uint Cqes;
    public uint Flags;
    public uint Reserved;
    public ulong UserAddress;
}

/// <summary>struct io_uring_params; 120 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SetupParameters
{
    public uint SqEntries;
    public uint CqEntries;
    public uint Flags;
    public uint SqThreadCpu;
    public uint SqThreadIdle;
    public uint Features;
    public uint WqFd;
    public uint Reserved0;
    public uint Reserved1;
    public uint Reserved2;
    public SubmissionOffsets Sq;
    public CompletionOffsets Cq;
}

/// <summary>struct io_uring_getevents_arg; 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GetEventsArgument
{
    public ulong SignalMask;
    public uint SignalMaskSize;
    public uint MinimumWaitMicroseconds;
    public ulong Timeout;
}

/// <summary>struct io_uring_buf_reg; 40 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BufferRingRegistration
{
    public ulong RingAddress;
    public uint RingEntries;
    public ushort GroupId;
    public ushort Flags;
    public ulong Reserved0;
    public ulong Reserved1;
    public ulong Reserved2;
}

/// <summary>struct io_uring_buf; 16 bytes. The ring's tail lives in the <c>Reserved</c> field of entry 0.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BufferRingEntry
{
    public ulong Address;
    public uint Length;
    public ushort BufferId;
    public ushort Reserved;
}

/// <summary>struct io_uring_rsrc_update; 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ResourceUpdate
{
    public uint Offset;
    public uint Reserved;
    public ulong Data;
}
