using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gyre.Interop.Linux;

namespace Gyre.Tests.Interop.Linux;

/// <summary>The structs shared with the kernel have its sizes and offsets (linux/io_uring.h, eventpoll.h, socket.h).</summary>
public sealed class LayoutTests
{
    [Fact]
    public void Structs_of_io_uring_have_the_kernels_sizes()
    {
        Assert.Equal(64, Unsafe.SizeOf<SubmissionEntry>());
        Assert.Equal(16, Unsafe.SizeOf<CompletionEntry>());
        Assert.Equal(120, Unsafe.SizeOf<SetupParameters>());
        Assert.Equal(40, Unsafe.SizeOf<SubmissionOffsets>());
        Assert.Equal(40, Unsafe.SizeOf<CompletionOffsets>());
        Assert.Equal(24, Unsafe.SizeOf<GetEventsArgument>());
        Assert.Equal(40, Unsafe.SizeOf<BufferRingRegistration>());
        Assert.Equal(16, Unsafe.SizeOf<BufferRingEntry>());
        Assert.Equal(16, Unsafe.SizeOf<ResourceUpdate>());
        Assert.Equal(16, Unsafe.SizeOf<KernelTimespec>());
    }

    [Theory]
    [InlineData(nameof(SubmissionEntry.Opcode), 0)]
    [InlineData(nameof(SubmissionEntry.Flags), 1)]
    [InlineData(nameof(SubmissionEntry.IoPriority), 2)]
    [InlineData(nameof(SubmissionEntry.Fd), 4)]
    [InlineData(nameof(SubmissionEntry.Offset), 8)]
    [InlineData(nameof(SubmissionEntry.Address), 16)]
    [InlineData(nameof(SubmissionEntry.Length), 24)]
    [InlineData(nameof(SubmissionEntry.OperationFlags), 28)]
    [InlineData(nameof(SubmissionEntry.UserData), 32)]
    [InlineData(nameof(SubmissionEntry.BufferGroup), 40)]
    public void Fields_of_a_submission_lie_where_the_kernel_reads_them(string field, int offset) =>
        Assert.Equal(offset, (int)Marshal.OffsetOf<SubmissionEntry>(field));

    [Fact]
    public void Fields_that_the_kernel_writes_lie_where_they_are_read()
    {
        Assert.Equal(8, (int)Marshal.OffsetOf<CompletionEntry>(nameof(CompletionEntry.Result)));
        Assert.Equal(12, (int)Marshal.OffsetOf<CompletionEntry>(nameof(CompletionEntry.Flags)));
        Assert.Equal(20, (int)Marshal.OffsetOf<SetupParameters>(nameof(SetupParameters.Features)));
        Assert.Equal(40, (int)Marshal.OffsetOf<SetupParameters>(nameof(SetupParameters.Sq)));
        Assert.Equal(80, (int)Marshal.OffsetOf<SetupParameters>(nameof(SetupParameters.Cq)));
        Assert.Equal(20, (int)Marshal.OffsetOf<CompletionOffsets>(nameof(CompletionOffsets.Cqes)));
        Assert.Equal(24, (int)Marshal.OffsetOf<SubmissionOffsets>(nameof(SubmissionOffsets.Array)));
        Assert.Equal(14, (int)Marshal.OffsetOf<BufferRingEntry>(nameof(BufferRingEntry.Reserved)));
        Assert.Equal(16, (int)Marshal.OffsetOf<GetEventsArgument>(nameof(GetEventsArgument.Timeout)));
    }

    [Fact]
    public void An_epoll_event_is_packed_on_x64_only()
    {
        Assert.Equal(12, Unsafe.SizeOf<EpollEventPacked>());
        Assert.Equal(16, Unsafe.SizeOf<EpollEventAligned>());
        Assert.Equal(4, (int)Marshal.OffsetOf<EpollEventPacked>(nameof(EpollEventPacked.Data)));
        Assert.Equal(8, (int)Marshal.OffsetOf<EpollEventAligned>(nameof(EpollEventAligned.Data)));
        Assert.Equal(RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16, Libc.EpollEventSize);
    }

    [Fact]
    public void Structs_of_sockets_have_the_kernels_sizes()
    {
        Assert.SkipUnless(Environment.Is64BitProcess, "struct msghdr is described for 64 bits.");
        Assert.Equal(56, Unsafe.SizeOf<MsgHdr>());
        Assert.Equal(16, Unsafe.SizeOf<IoVec>());
        Assert.Equal(16, (int)Marshal.OffsetOf<MsgHdr>(nameof(MsgHdr.Vectors)));
        Assert.Equal(48, (int)Marshal.OffsetOf<MsgHdr>(nameof(MsgHdr.Flags)));
        Assert.Equal(28, Unsafe.SizeOf<SockAddr>());
        Assert.Equal(SockAddr.Size, Unsafe.SizeOf<SockAddr>());
    }
}
