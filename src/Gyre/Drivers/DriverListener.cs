using System.Net;

namespace Gyre.Drivers;

/// <summary>A listening socket of a driver.</summary>
public abstract class DriverListener
{
    /// <summary>The bound address, with the port that the system chose when 0 was asked for.</summary>
    public abstract IPEndPoint LocalEndPoint { get; }

    /// <summary>Begins, or resumes, to deliver connections to <paramref name="handler"/>. Must not be called while accepting.</summary>
    public abstract void StartAccept(IAcceptHandler handler);

    /// <summary>
    /// Asks for an end; connections that were under way are still delivered, then <see cref="IAcceptHandler.OnAcceptEnded"/>.
    /// From then on nothing is taken from the system's queue, which another process may share.
    /// </summary>
    public abstract void StopAccept();

    /// <summary>
    /// Another handle of the same listening socket, which stays open when this one is closed; for another process or loop.
    /// Needs <see cref="DriverCapabilities.AdoptListener"/>. Must not be called after <see cref="Close"/>.
    /// </summary>
    /// <param name="name">What the handle is called where it is taken over; see <see cref="ListenerHandle.Name"/>.</param>
    /// <exception cref="PlatformNotSupportedException">The driver, or the operating system, has no such handles.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The process is at its descriptor limit.</exception>
    public virtual ListenerHandle DuplicateHandle(string name) =>
        throw new PlatformNotSupportedException(
            $"{GetType().Name} has no handle that could be duplicated; use a driver with DriverCapabilities.AdoptListener.");

    /// <summary>
    /// Stops accepting and closes the descriptor; <see cref="IAcceptHandler.OnListenerClosed"/> follows when a handler is known.
    /// </summary>
    public abstract void Close();
}
