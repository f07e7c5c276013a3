using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gyre.Drivers;
using Gyre.Net;

namespace Gyre;

/// <summary>Raw readiness of a descriptor, for libraries that do their own reading and writing.</summary>
public static class EventLoopReadiness
{
    extension(EventLoop loop)
    {
        /// <summary>Whether the loop's driver can wait for readiness; io_uring and epoll can. Loop thread.</summary>
        public bool CanWaitForReadiness =>
            (loop ?? throw new ArgumentNullException(nameof(loop))).Driver.Capabilities.HasFlag(DriverCapabilities.Readiness);

        /// <summary>
        /// Waits until a read of <paramref name="handle"/> would not block: data, the end, or an error is there. A checkpoint.
        /// </summary>
        /// <param name="handle">A descriptor; referenced while it is waited for.</param>
        /// <param name="cancellationToken">Ends this wait alone.</param>
        /// <exception cref="PlatformNotSupportedException">The driver lacks the capability; see <c>CanWaitForReadiness</c>.</exception>
        /// <exception cref="OperationCanceledException">The scope or the token was cancelled.</exception>
        /// <exception cref="SocketException">The descriptor can't be waited for.</exception>
        /// <exception cref="InvalidOperationException">This isn't the loop's thread.</exception>
        public ValueTask WaitReadableAsync(SafeHandle handle, CancellationToken cancellationToken = default) =>
            new ReadinessWait(loop, handle).StartAsync(ReadinessKind.Readable, cancellationToken);

        /// <summary>Waits until a write to <paramref name="handle"/> would not block. A checkpoint.</summary>
        /// <inheritdoc cref="WaitReadableAsync"/>
        public ValueTask WaitWritableAsync(SafeHandle handle, CancellationToken cancellationToken = default) =>
            new ReadinessWait(loop, handle).StartAsync(ReadinessKind.Writable, cancellationToken);
    }
}
