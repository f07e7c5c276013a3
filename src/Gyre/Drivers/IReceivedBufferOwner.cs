namespace Gyre.Drivers;

/// <summary>Takes lent receive buffers back.</summary>
public interface IReceivedBufferOwner
{
    /// <summary>The consumer is done with the buffer known by <paramref name="token"/>. Loop thread only.</summary>
    void Return(int token);
}
