namespace Gyre.Samples.Listings;

/// <summary>
/// An operating system as small as can be: a listener, requests to elsewhere, and a clock that moves only while the program waits,
/// so that a listing prints the same times on every machine.
/// </summary>
public sealed class TinySystem
{
    /// <summary>The id of the listener: readable means that somebody wants in.</summary>
    public const int Listener = 0;

    private readonly Queue<(int At, string Request)> _arrivals = new();
    private readonly Dictionary<int, (int At, string Name)> _answers = [];
    private readonly List<(int Id, IoKind Kind)> _interests = [];

    /// <summary>Milliseconds since the start.</summary>
    public int Now { get; private set; }

    /// <summary>What was written, in order.</summary>
    public List<(int Id, string Data)> Written { get; } = [];

    /// <summary>Whether somebody will still come.</summary>
    public bool HasArrivals => _arrivals.Count > 0;

    /// <summary>Whether somebody has registered interest in something.</summary>
    public bool HasInterests => _interests.Count > 0;

    /// <summary>Lets a client come at a time, no earlier than the one before.</summary>
    public void Arrive(int at, string request) => _arrivals.Enqueue((at, request));

    /// <summary>Sends a request elsewhere, and returns the lowest id that is free, as Unix does.</summary>
    public int Open(Io io)
    {
        int id = Enumerable.Range(Listener + 1, _answers.Count + 1).First(free => !_answers.ContainsKey(free));
        _answers.Add(id, (Now + io.Takes, io.Name));
        return id;
    }

    /// <summary>Ends the use of an id; the next <see cref="Open"/> may give it to somebody else.</summary>
    public void Close(int id)
    {
        _answers.Remove(id);
        _interests.RemoveAll(interest => interest.Id == id);
    }

    /// <summary>Asks to be told once.</summary>
    public void Register(int id, IoKind kind) => _interests.Add((id, kind));

    /// <summary>Waits until something registered is finished, and returns all that is by then, earliest first.</summary>
    /// <param name="wait">False to only look.</param>
    public (int Id, IoKind Kind)[] GetFinished(bool wait = true)
    {
        int? first = _interests.Min(FinishedAt);
        if (wait)
        {
            WaitUntil(first, "nothing that is registered will ever finish");
        }

        (int Id, IoKind Kind)[] finished = [.. _interests.Where(interest => FinishedAt(interest) <= Now).OrderBy(FinishedAt)];
        _interests.RemoveAll(finished.Contains);
        return finished;
    }

    /// <summary>Waits for the next client.</summary>
    public string Accept()
    {
        WaitUntil(FinishedAt((Listener, IoKind.Read)), "nobody will ever come");
        return _arrivals.Dequeue().Request;
    }

    /// <summary>Reads the answer, and waits for it if need be.</summary>
    public string Read(int id)
    {
        WaitUntil(FinishedAt((id, IoKind.Read)), $"{id} is closed");
        string name = _answers[id].Name;
        return name.StartsWith("broken", StringComparison.Ordinal) ? throw new IOException($"{name} is down") : $"{name} data";
    }

    /// <summary>Writes; there is always room.</summary>
    public void Write(int id, string data) => Written.Add((id, data));

    private int? FinishedAt((int Id, IoKind Kind) interest) => interest switch
    {
        (Listener, _) => _arrivals.TryPeek(out (int At, string Request) next) ? next.At : null,
        (_, IoKind.Write) => 0,
        _ => _answers.TryGetValue(interest.Id, out (int At, string Name) answer) ? answer.At : null,
    };

    private void WaitUntil(int? time, string otherwise) =>
        Now = Math.Max(Now, time ?? throw new BlockedForeverException($"At {Now} ms the program waits for ever: {otherwise}."));
}
