namespace Gyre.Samples.Listings.Flawed;

/// <summary>A future whose bodies are filled in with the first thing that comes to mind.</summary>
public sealed class SketchedFuture
{
    private readonly List<Action<SketchedFuture>> _callbacks = [];

    /// <summary>Null too while there is none.</summary>
    public object? Result { get; private set; }

    /// <summary>Whether there is a result.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Sets the result, as often as one likes, and calls everybody on the spot.</summary>
    public void SetResult(object? result)
    {
        Result = result;
        IsDone = true;
        foreach (Action<SketchedFuture> callback in _callbacks)
        {
            callback(this);
        }
    }

    /// <summary>Remembers whom to call when the result is set.</summary>
    public void AddDoneCallback(Action<SketchedFuture> callback) => _callbacks.Add(callback);
}
