using System.Runtime.InteropServices;

namespace Gyre.Interop.Linux;

/// <summary>
/// Messages that carry descriptors over a Unix socket (SCM_RIGHTS, unix(7)). The kernel puts them in the receiver's table when the
/// message is received, so from then on each must be given an owner or closed, whatever else is wrong with the message.
/// </summary>
internal static unsafe class DescriptorMessage
{
    /// <summary>Descriptors of one message: the kernel's SCM_MAX_FD.</summary>
    public const int DescriptorsMax = 253;

    /// <summary>struct cmsghdr: its length, level and type; what follows is aligned to the length's size.</summary>
    private const int HeaderSize = 16;

    private const int Alignment = 8;

    /// <summary>Sends one message without waiting; the count of bytes, or a negated errno.</summary>
    public static int Send(int socket, ReadOnlySpan<byte> text, ReadOnlySpan<int> descriptors)
    {
        Span<byte> control = stackalloc byte[Space(descriptors.Length)];
        control.Clear();
        MemoryMarshal.Write(control, (nuint)(HeaderSize + (descriptors.Length * sizeof(int))));
        MemoryMarshal.Write(control[8..], Libc.SOL_SOCKET);
        MemoryMarshal.Write(control[12..], Libc.SCM_RIGHTS);
        MemoryMarshal.AsBytes(descriptors).CopyTo(control[HeaderSize..]);
        fixed (byte* bytes = text)
        fixed (byte* rights = control)
        {
            var vector = new IoVec { Base = bytes, Length = (nuint)text.Length };
            MsgHdr message = Message(&vector, rights, descriptors.Length > 0 ? (nuint)control.Length : 0);
            return Libc.SendMessageNow(socket, &message);
        }
    }

    /// <summary>Receives one message without waiting.</summary>
    /// <param name="socket">A connected Unix socket.</param>
    /// <param name="text">Where the bytes go.</param>
    /// <param name="descriptors">Where the descriptors that came along are added; the caller's to close, whatever is returned.</param>
    /// <param name="isComplete">False when bytes or descriptors didn't fit, or the process is at its descriptor limit.</param>
    /// <param name="descriptorsMax">Room for descriptors; fewer is for tests of what doesn't fit.</param>
    /// <returns>The count of bytes, 0 at the end, or a negated errno.</returns>
    public static int Receive(
        int socket, Span<byte> text, List<int> descriptors, out bool isComplete, int descriptorsMax = DescriptorsMax)
    {
        Span<byte> control = stackalloc byte[Space(descriptorsMax)];
        control.Clear();
        fixed (byte* bytes = text)
        fixed (byte* rights = control)
        {
            var vector = new IoVec { Base = bytes, Length = (nuint)text.Length };
            MsgHdr message = Message(&vector, rights, (nuint)control.Length);
            int result = Libc.ReceiveMessageNow(socket, &message);
            isComplete = result < 0 || (message.Flags & (Libc.MSG_TRUNC | Libc.MSG_CTRUNC)) == 0;
            if (result >= 0)
            {
                Collect(control[..(int)message.ControlLength], descriptors);
            }

            return result;
        }
    }

    private static MsgHdr Message(IoVec* vector, byte* control, nuint controlLength) =>
        new() { Vectors = vector, VectorCount = 1, Control = controlLength > 0 ? control : null, ControlLength = controlLength };

    /// <summary>Walks all control messages: more than one may carry descriptors, and none of those may be overlooked.</summary>
    private static void Collect(ReadOnlySpan<byte> control, List<int> descriptors)
    {
        while (control.Length >= HeaderSize)
        {
            int length = (int)MemoryMarshal.Read<nuint>(control);
            int level = MemoryMarshal.Read<int>(control[8..]);
            int type = MemoryMarshal.Read<int>(control[12..]);
            if (length < HeaderSize || length > control.Length)
            {
                return;
            }

            if (level == Libc.SOL_SOCKET && type == Libc.SCM_RIGHTS)
            {
                ReadOnlySpan<byte> data = control[HeaderSize..length];
                descriptors.AddRange(MemoryMarshal.Cast<byte, int>(data[..(data.Length / sizeof(int) * sizeof(int))]));
            }

            control = control[Math.Min(Aligned(length), control.Length)..];
        }
    }

    private static int Space(int descriptors) => HeaderSize + Aligned(descriptors * sizeof(int));

    private static int Aligned(int length) => (length + Alignment - 1) & -Alignment;
}
