using System.Runtime.InteropServices;

namespace Gyre.Tests;

/// <summary>Takes close-on-exec off a descriptor, which .NET sets on every one and has no way to take off.</summary>
internal static partial class InheritableDescriptor
{
    private const int SetDescriptorFlags = 2;

    public static void Make(int descriptor) => Assert.Equal(0, fcntl(descriptor, SetDescriptorFlags, 0));

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int fd, int operation, nint argument);
}
