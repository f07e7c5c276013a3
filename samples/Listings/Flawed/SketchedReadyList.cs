namespace Gyre.Samples.Listings.Flawed;

/// <summary>The ready list as it is first written down.</summary>
/// <param name="ioCall">Begins an IO and calls back with its result; it has no way to say that the IO failed.</param>
public sealed class SketchedReadyList(Action<Io, Action<object?>> ioCall)
{
    /// <summary>Coroutines and what to send them. Nobody takes an entry out.</summary>
    public List<(Frame Coroutine, object? Result)> Ready { get; } = [];

    /// <summary>Looks the handler up, and then runs another function, which isn't given the request.</summary>
    public void OnRequest(string request, Func<string, Func<string, Frame>> getHandler, Func<Frame> func1)
    {
        _ = getHandler(request);
        Ready.Add((SketchedWrapper.Wrap(func1()), null));
    }

    /// <summary>
    /// Walks the list as Python does: what is appended meanwhile is walked too, and the variables of the loop are the same ones in
    /// every round, so that a callback sees their last values.
    /// </summary>
    public void ProcessReady()
    {
        Frame g;
        for (int i = 0; i < Ready.Count; i++)
        {
            (g, object? result) = Ready[i];
            var io = (Io)g.Resume(result).Yielded!;
            ioCall(io, value => Ready.Add((g, value)));
        }
    }
}
