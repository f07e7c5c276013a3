namespace Gyre.Samples.Listings.Flawed;

/// <summary>The ready list on futures as it is first written down: one callback for all, which asks a variable whom it is for.</summary>
public sealed class SketchedFutureLoop
{
    /// <summary>Coroutines and what to send them.</summary>
    public List<(Frame Coroutine, object? Result)> Ready { get; } = [];

    /// <summary>Sends a request. An <paramref name="ioCall"/> that fails calls nobody, so the future is never done.</summary>
    public static SketchedFuture Request(Io io, Action<Io, Action<object?>> ioCall)
    {
        var future = new SketchedFuture();
        ioCall(io, future.SetResult);
        return future;
    }

    /// <summary>Runs each coroutine up to its next future; takes it on trust that this is what it yields.</summary>
    public void ProcessReady()
    {
        Frame g = null!;
        void Callback(SketchedFuture done) => Ready.Add((g, done.Result));

        for (int i = 0, count = Ready.Count; i < count; i++)
        {
            (g, object? result) = Ready[i];
            var future = (SketchedFuture)g.Resume(result).Yielded!;
            future.AddDoneCallback(Callback);
        }
    }
}
