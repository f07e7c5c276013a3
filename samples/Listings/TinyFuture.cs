namespace Gyre.Samples.Listings;

/// <summary>A place for a value that comes later, or for the reason why it doesn't.</summary>
public class TinyFuture(TinyLoop loop)
{
    private readonly List<Action<TinyFuture>> _callbacks = [];
    private object? _value;

    /// <summary>Whether it has either.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Why there is no value; null while it isn't done, and when it has succeeded.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>The value; throws the failure if there is one, and never waits.</summary>
    /// <exception cref="InvalidOperationException">It isn't done.</exception>
    public object? Result => !IsDone ? throw new InvalidOperationException("not done") : Failure is null ? _value : throw Failure;

    /// <summary>Sets the value, once.</summary>
    public void SetResult(object? value) => Settle(value, null);

    /// <summary>Sets the failure, once.</summary>
    public void SetException(Exception failure) => Settle(null, failure);

    /// <summary>Calls back when it is done, in a later turn; also when it is done already.</summary>
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
}
