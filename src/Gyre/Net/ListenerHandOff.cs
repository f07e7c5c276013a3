using System.Net.Sockets;
using Gyre.Drivers;
using Gyre.Interop.Linux;

namespace Gyre.Net;

/// <summary>
/// Moves listening sockets from a running process to the one that replaces it, over a Unix socket. What clients have queued meanwhile
/// is lost at no moment, because the socket itself goes over and is never closed. Linux.
/// </summary>
/// <remarks>
/// The old process offers; the new one takes, gets ready to serve, and says so; then both accept until the old one stops. If the new
/// one ends before it is ready, the old one goes on as if it had never come. Each checks that the other runs as its own user, or root.
/// </remarks>
public static class ListenerHandOff
{
    /// <summary>
    /// Offers listeners until another process has taken them and is ready; the caller then stops its own listeners
    /// (<see cref="TcpListener.StopAcceptingAsync"/>). A checkpoint; takes as long as nobody comes.
    /// </summary>
    /// <param name="socketPath">
    /// The file of the Unix socket, which is made with mode 0600 and removed when the offer ends; at most 107 bytes. One that a dead
    /// process left behind is replaced.
    /// </param>
    /// <param name="listeners">1 to 2,000 listeners. They stay the caller's, to dispose when the offer has ended.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Ends this offer alone.</param>
    /// <returns>The number of the process that took over.</returns>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled. Nothing is left behind.</exception>
    /// <exception cref="IOException">Another process offers there, or the path is something else than a socket.</exception>
    /// <exception cref="ArgumentException">There are no listeners or too many, or the path can't be one of a socket.</exception>
    /// <exception cref="SocketException">The socket can't be opened; the message names the path.</exception>
    /// <exception cref="PlatformNotSupportedException">Not on Linux, or native calls are refused.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static Task<int> OfferAsync(
        string socketPath, IReadOnlyList<ListenerHandle> listeners, ListenerHandOffOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(listeners);
        if (listeners.Count is 0 or > HandOffMessage.ListenersMax)
        {
            throw new ArgumentException(
                $"{listeners.Count} listeners can't be offered; one offer takes 1 to {HandOffMessage.ListenersMax}.", nameof(listeners));
        }

        UnixDomainSocketEndPoint door = Checked(socketPath);
        var offer = new HandOffOffer(door, listeners, options ?? ListenerHandOffOptions.Default, HandOffSocket.IsTrusted);
        return CancellableAsync(offer.RunAsync, cancellationToken);
    }

    /// <summary>Takes the listeners that another process offers. A checkpoint; waits while another takes them.</summary>
    /// <param name="socketPath">The path that the other process offers at.</param>
    /// <param name="cancellationToken">Ends this attempt alone.</param>
    /// <returns>The listeners; null when nobody offers there, as at the very first start.</returns>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled. No descriptor is left behind.</exception>
    /// <exception cref="IOException">
    /// The other process refused, with its reason, or ended; or <see cref="InvalidDataException"/>'s cause.
    /// </exception>
    /// <exception cref="InvalidDataException">
    /// What came isn't an offer of this version, or descriptors were lost or are too many; all that came are closed.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">A process of another user offers there.</exception>
    /// <exception cref="ArgumentException">The path can't be one of a socket.</exception>
    /// <exception cref="PlatformNotSupportedException">Not on Linux, or native calls are refused.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static Task<TakenListeners?> TakeAsync(string socketPath, CancellationToken cancellationToken = default)
    {
        UnixDomainSocketEndPoint door = Checked(socketPath);
        return CancellableAsync(token => TakenListeners.TakeAsync(door, HandOffSocket.IsTrusted, token), cancellationToken);
    }

    /// <summary>Runs what waits for the BCL, which knows tokens only, so that the scope's cancellation ends it too.</summary>
    internal static async Task<T> CancellableAsync<T>(Func<CancellationToken, Task<T>> body, CancellationToken cancellationToken)
    {
        T? result = default;
        CancelScope scope = await CancelScope.RunAsync(async scope => result = await body(scope.Token), cancellationToken);
        return scope.CancelledCaught
            ? throw new OperationCanceledException("The hand-off of listeners was cancelled by its token.", cancellationToken)
            : result!;
    }

    private static UnixDomainSocketEndPoint Checked(string socketPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(socketPath);
        NativeCalls.Require("To hand listeners to another process");
        return socketPath[0] != '\0'
            ? new UnixDomainSocketEndPoint(socketPath)
            : throw new ArgumentException("The hand-off needs a path of the file system: an abstract socket has no owner and no mode.", nameof(socketPath));
    }
}
