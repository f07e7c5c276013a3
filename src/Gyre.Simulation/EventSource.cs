namespace Gyre.Simulation;

/// <summary>Something that events happen to: they are delivered in order, each in a turn of the driver.</summary>
internal abstract class EventSource(SimulatedDriver driver)
{
    private readonly Queue<Action> _events = new();

    protected SimulatedDriver Driver { get; } = driver;

    /// <summary>Whether the driver has it among those to look at. Written by the driver alone.</summary>
    public bool IsListed { get; set; }

    public bool HasEvents => _events.Count > 0;

    public void DeliverNext() => _events.Dequeue()();

    /// <summary>Adds an event behind those under way.</summary>
    protected void Raise(Action happened)
    {
        _events.Enqueue(happened);
        Driver.Announce(this);
    }

    /// <summary>Forgets what has not been delivered; for an end after which nothing may come.</summary>
    protected void ForgetEvents()
    {
        Driver.Forget(_events.Count);
        _events.Clear();
    }
}
