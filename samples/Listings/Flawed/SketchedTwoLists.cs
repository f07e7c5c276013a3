namespace Gyre.Samples.Listings.Flawed;

/// <summary>Two lists of one name: requests go into the module's, and the loop walks its own.</summary>
public sealed class SketchedTwoLists
{
    private readonly List<Frame> _ready = [];

    /// <summary>The list of the module.</summary>
    public List<Frame> Ready { get; } = [];

    /// <summary>Puts a coroutine into the module's list.</summary>
    public void OnRequest(Frame handler) => Ready.Add(handler);

    /// <summary>Runs what is in the list of this object, and says how many that were.</summary>
    public int ProcessReady()
    {
        foreach (Frame coroutine in _ready)
        {
            coroutine.Resume(null);
        }

        return _ready.Count;
    }
}
