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
    /// </summary>
    public abstract void StopAccept();

    /// <summary>
    /// Stops accepting and closes the descriptor; <see cref="IAcceptHandler.OnListenerClosed"/> follows when a handler is known.
    /// </summary>
    public abstract void Close();
}
