namespace Gyre.Loop;

/// <summary>A failure that waits to be seen; its scope answers for it when it closes.</summary>
internal interface ILostFailure
{
    /// <summary>The failure while nobody has seen it; null from then on.</summary>
    Exception? Unseen { get; }
}
