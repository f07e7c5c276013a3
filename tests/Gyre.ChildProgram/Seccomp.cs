using System.Runtime.InteropServices;

namespace Gyre.ChildProgram;

/// <summary>A seccomp filter like that of a container: one system call answers an error, all others work.</summary>
internal static unsafe partial class Seccomp
{
    /// <summary>The number of io_uring_setup, the same on every architecture.</summary>
    public const int IoUringSetup = 425;

    private const int SetNoNewPrivileges = 38;
    private const int SetSeccomp = 22;
    private const nint ModeFilter = 2;

    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort Return = 0x06;
    private const uint AnswerErrno = 0x0005_0000;
    private const uint Allow = 0x7FFF_0000;

    /// <summary>
    /// Makes <paramref name="systemCall"/> fail with <paramref name="errno"/> on this thread and on those that it starts
    /// from now on, for ever. False where the kernel has no seccomp filters.
    /// </summary>
    public static bool TryBlock(int systemCall, int errno)
    {
        // Without this a filter needs CAP_SYS_ADMIN (seccomp(2)).
        if (prctl(SetNoNewPrivileges, 1, null, 0, 0) != 0)
        {
            return false;
        }

        // The data that a filter sees begins with the call's number.
        Instruction* filter = stackalloc Instruction[]
        {
            new(LoadWord, 0, 0, 0),
            new(JumpIfEqual, 0, 1, (uint)systemCall),
            new(Return, 0, 0, AnswerErrno | (uint)errno),
            new(Return, 0, 0, Allow),
        };
        var program = new FilterProgram { Length = 4, Filter = filter };
        return prctl(SetSeccomp, ModeFilter, &program, 0, 0) == 0;
    }

    /// <summary>The errno with which the kernel answers a call that makes no sense but for its number.</summary>
    public static int ErrnoOf(int systemCall) => syscall(systemCall, 0, 0) < 0 ? Marshal.GetLastPInvokeError() : 0;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nint second, void* third, nint fourth, nint fifth);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second);

    /// <summary>struct sock_filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Instruction(ushort Code, byte JumpIfTrue, byte JumpIfFalse, uint Operand);

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FilterProgram
    {
        public ushort Length;
        public Instruction* Filter;
    }
}
