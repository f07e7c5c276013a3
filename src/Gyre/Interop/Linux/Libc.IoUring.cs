using System.Runtime.InteropServices;

namespace Gyre.Interop.Linux;

internal static unsafe partial class Libc
{
    // The three numbers are the same on every architecture: they came after the tables were unified.
    private const nint SysIoUringSetup = 425;
    private const nint SysIoUringEnter = 426;
    private const nint SysIoUringRegister = 427;

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint syscall_setup(nint number, nint entries, SetupParameters* parameters);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint syscall_enter(
        nint number, nint fd, nint toSubmit, nint minComplete, nint flags, void* argument, nint size);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint syscall_register(nint number, nint fd, nint opcode, void* argument, nint count);

    public static int IoUringSetup(uint entries, SetupParameters* parameters)
    {
        int fault = SystemCallFault.Check("io_uring_setup");
        return fault != 0 ? -fault : Result(syscall_setup(SysIoUringSetup, (nint)entries, parameters));
    }

    public static int IoUringEnter(int fd, uint toSubmit, uint minComplete, uint flags, GetEventsArgument* argument)
    {
        int fault = SystemCallFault.Check("io_uring_enter");
        return fault != 0
            ? -fault
            : Result(syscall_enter(
                SysIoUringEnter, fd, (nint)toSubmit, (nint)minComplete, (nint)flags, argument,
                argument == null ? 0 : sizeof(GetEventsArgument)));
    }

    public static int IoUringRegister(int fd, uint opcode, void* argument, uint count)
    {
        int fault = SystemCallFault.Check("io_uring_register");
        return fault != 0 ? -fault : Result(syscall_register(SysIoUringRegister, fd, (nint)opcode, argument, (nint)count));
    }
}
