namespace Gyre;

/// <summary>Which backend a loop runs on.</summary>
public enum DriverKind
{
    /// <summary>What <c>GYRE_DRIVER</c> says, else the best that works here: io_uring, then epoll, then the BCL's sockets.</summary>
    Auto,

    /// <summary>io_uring: Linux 6.1 and later, where no sandbox forbids it.</summary>
    IoUring,

    /// <summary>epoll: any Linux.</summary>
    Epoll,

    /// <summary>The BCL's sockets: any operating system.</summary>
    Sockets,
}
