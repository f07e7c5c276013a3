using Gyre.Generators;

namespace Gyre.Samples.Listings;

/// <summary>Coroutines that can go on, and what with; the others are known only to the callbacks that will put them back.</summary>
public sealed class ReadyList(TinyLoop loop, Action<string> ended)
{
    private readonly Queue<(Frame Coroutine, object? Value, Exception? Failure)> _ready = new();

    /// <summary>Makes a coroutine of a request; it begins in the next turn.</summary>
    public void OnRequest(string request, Func<string, Frame> handler) => _ready.Enqueue((StackWrapper.Wrap(handler(request)), null, null));

    /// <summary>A turn: each coroutine that was ready when it began goes on to its next wait.</summary>
    public void ProcessReady()
    {
        // <ready-list>
        for (int left = _ready.Count; left > 0; left--)
        {
            (Frame coroutine, object? value, Exception? failure) = _ready.Dequeue();
            try
            {
                Wait(coroutine, failure is null ? coroutine.Resume(value) : coroutine.Throw(failure));
            }
            catch (Exception thrown)
            {
                ended($"failed: {thrown.Message}");
            }
        }
        // </ready-list>
    }

    private void Wait(Frame coroutine, Step<object?, object?> step)
    {
        if (step.IsReturn)
        {
            ended($"returned: {step.Returned}");
        }
        else if (step.Yielded is Io io)
        {
            loop.Call(io, data => _ready.Enqueue((coroutine, data, null)), failure => _ready.Enqueue((coroutine, null, failure)));
        }
        else
        {
            _ready.Enqueue((coroutine, null, new InvalidOperationException($"{step.Yielded} is nothing to wait for")));
        }
    }

    /// <summary>Whether some coroutine can go on.</summary>
    public bool HasReady => _ready.Count > 0;

    /// <summary>Runs until every coroutine has ended. IO is looked at between any two turns, however many are ready.</summary>
    public void Run()
    {
        while (HasReady || loop.HasWork)
        {
            ProcessReady();
            loop.RunOnce(wait: !HasReady);
        }
    }
}
