namespace Gyre.Net;

/// <summary>
/// A listener was stopped by <see cref="TcpListener.StopAcceptingAsync"/> and has given out all that it had accepted: the regular end
/// of a loop of accepts.
/// </summary>
public sealed class ListenerStoppedException : InvalidOperationException
{
    /// <summary>With a message that says nothing of which listener.</summary>
    public ListenerStoppedException()
        : base("The listener was stopped, and every connection that it had accepted was taken.")
    {
    }

    /// <summary>With a message of its own.</summary>
    public ListenerStoppedException(string message)
        : base(message)
    {
    }

    /// <summary>With a message, and the failure behind it.</summary>
    public ListenerStoppedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
