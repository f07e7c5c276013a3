namespace Gyre.Samples.Listings.Flawed;

/// <summary>The server on a table of callbacks as it is first written down: waits for IO, then for a request, then for IO.</summary>
public sealed class SketchedCallbackServer(TinySystem system, Action<string> handler)
{
    /// <summary>Who is called when an id is finished. Nobody takes an entry out.</summary>
    public Dictionary<int, Action<string>> Callbacks { get; } = [];

    /// <summary>Registers interest, and who is to be called.</summary>
    public void When(int id, IoKind kind, Action<string> callback)
    {
        system.Register(id, kind);
        Callbacks[id] = callback;
    }

    /// <summary>One round of the loop.</summary>
    public void Turn()
    {
        HandleFinished();
        handler(system.Accept());
    }

    /// <summary>The first half of a round.</summary>
    public void HandleFinished()
    {
        foreach ((int id, IoKind kind) in system.GetFinished())
        {
            if (kind == IoKind.Read)
            {
                string data = system.Read(id);
                Callbacks[id](data);
            }
        }
    }
}
