namespace Gyre.Samples.Listings;

/// <summary>A place for a value that comes later, or for the reason why it doesn't.</summary>
public class TinyFuture(TinyLoop loop)
{
    // <tiny-future>
    private readonly List<Action<TinyFuture>> _callbacks = [];
    private object? _value;

    public bool IsDone { get; private set; }

    public Exception? Failure { get; private set; }

    public object? Result => !IsDone ? throw new InvalidOperationException("not done") : Failure is null ? _value : throw Failure;

    public void SetResult(object? value) => Settle(value, null);

    public void SetException(Exception failure) => Settle(null, failure);

    public void AddDoneCallback(Action<TinyFuture> callback)
    {
        if (IsDone)
        {
            loop.Post(() => callback(this));
        }
        else
        {
            _callbacks.Add(callback);
        }
    }

    private void Settle(object? value, Exception? failure)
    {
        if (IsDone)
        {
            throw new InvalidOperationException("done already");
        }

        (IsDone, _value, Failure) = (true, value, failure);
        foreach (Action<TinyFuture> callback in _callbacks)
        {
            loop.Post(() => callback(this));
        }

        _callbacks.Clear();
    }
    // </tiny-future>
}
