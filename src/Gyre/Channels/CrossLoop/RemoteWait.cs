namespace Gyre.Channels;

/// <summary>
/// Somebody who waits at a <see cref="CrossLoopChannel{T}"/>, on whatever thread. Standing in a queue means not chosen yet; who
/// takes it out of there, under the channel's lock, has to deliver or has been cancelled.
/// </summary>
internal abstract class RemoteWait<TResult> : Linked<RemoteWait<TResult>>
{
    /// <summary>Wakes it at home with <paramref name="result"/>, or with <paramref name="failure"/>. Not under the lock. Any thread.</summary>
    /// <returns>False when its loop has ended, so that nothing was delivered.</returns>
    public abstract bool TryDeliver(TResult result, Exception? failure);
}
