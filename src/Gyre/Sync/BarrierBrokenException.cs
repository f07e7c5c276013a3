namespace Gyre.Sync;

/// <summary>An <see cref="AsyncBarrier"/> was broken while a flow waited at it, or before it came.</summary>
public sealed class BarrierBrokenException : InvalidOperationException
{
    /// <summary>Makes one.</summary>
    public BarrierBrokenException()
        : this("The barrier was broken.")
    {
    }

    /// <inheritdoc cref="BarrierBrokenException()"/>
    public BarrierBrokenException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="BarrierBrokenException()"/>
    public BarrierBrokenException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
