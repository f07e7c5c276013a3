namespace Gyre.Drivers;

/// <summary>Why receiving ended.</summary>
public enum ReceiveEnd
{
    /// <summary><see cref="DriverConnection.StopReceive"/> was called; it can be started again.</summary>
    Stopped,

    /// <summary>The peer ended its side of the stream.</summary>
    EndOfStream,

    /// <summary>The connection broke.</summary>
    Failed,
}
