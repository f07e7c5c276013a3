namespace Gyre.Sync;

/// <summary>
/// The loop of an object that may be made anywhere, a static field say, and belongs to the loop that first uses it.
/// </summary>
internal struct HomeLoop
{
    private EventLoop? _loop;

    /// <summary>Null before the first use.</summary>
    public readonly EventLoop? OrNull => _loop;

    /// <summary>The current loop, which is that of <paramref name="owner"/> from now on.</summary>
    /// <exception cref="InvalidOperationException">No loop runs the calling code, or it isn't the one that used it first.</exception>
    public EventLoop Enter(IHomed owner)
    {
        EventLoop loop = EventLoop.Current;
        if (loop != _loop)
        {
            Bind(loop, owner);
        }

        return loop;
    }

    private void Bind(EventLoop loop, IHomed owner)
    {
        // A loop that has ended runs nobody any more, so what outlives it may serve the next one.
        if (_loop is { Ended.IsCancellationRequested: false } other)
        {
            other.VerifyAccess(owner);
        }

        if (_loop is not null)
        {
            owner.ForgetFlows();
        }

        _loop = loop;
    }
}
