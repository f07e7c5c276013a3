namespace Gyre.Samples.Listings;

/// <summary>An event loop: a table of who waits for which IO, and a queue of what is to be called soon.</summary>
public sealed class TinyLoop(TinySystem system)
{
    private readonly Dictionary<(int Id, IoKind Kind), Action> _waiting = [];
    private readonly Queue<Action> _soon = new();

    /// <summary>Calls back when an IO has finished.</summary>
    /// <exception cref="ArgumentException">Somebody waits for the very same.</exception>
    public void When(int id, IoKind kind, Action callback)
    {
        _waiting.Add((id, kind), callback);
        system.Register(id, kind);
    }

    /// <summary>Calls back in the next turn.</summary>
    public void Post(Action callback) => _soon.Enqueue(callback);

    /// <summary>A turn: calls what was to be called soon, then looks for finished IO.</summary>
    /// <param name="wait">Whether to wait for IO if nothing else is to be done.</param>
    public void RunOnce(bool wait = true)
    {
        for (int left = _soon.Count; left > 0; left--)
        {
            Invoke(_soon.Dequeue());
        }

        foreach ((int, IoKind) io in _waiting.Count == 0 ? [] : system.GetFinished(wait && _soon.Count == 0))
        {
            if (_waiting.Remove(io, out Action? callback))
            {
                Invoke(callback);
            }
        }
    }

    /// <summary>What callbacks have thrown.</summary>
    public List<Exception> Failures { get; } = [];

    /// <summary>How many wait for IO.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>Whether there is anything to wait for or to call.</summary>
    public bool HasWork => _waiting.Count > 0 || _soon.Count > 0;

    /// <summary>Runs until nothing is left to wait for.</summary>
    public void Run()
    {
        while (HasWork)
        {
            RunOnce();
        }
    }

    /// <summary>Sends a request elsewhere; calls one of the two when it is answered.</summary>
    public void Call(Io io, Action<string> done, Action<IOException> failed)
    {
        int id = system.Open(io);
        When(id, IoKind.Read, () =>
        {
            string data;
            try
            {
                data = system.Read(id);
            }
            catch (IOException failure)
            {
                failed(failure);
                return;
            }
            finally
            {
                system.Close(id);
            }

            done(data);
        });
    }

    /// <summary>One callback's failure is no other's business, and the loop goes on.</summary>
    private void Invoke(Action callback)
    {
        try
        {
            callback();
        }
        catch (Exception failure)
        {
            Failures.Add(failure);
        }
    }
}
