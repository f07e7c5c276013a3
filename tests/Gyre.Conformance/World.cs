using Gyre.Drivers;

namespace Gyre.Conformance;

/// <summary>Where one run of a case takes place: makes drivers that can reach each other.</summary>
public sealed class World : IDisposable
{
    private readonly List<Rig> _rigs = [];

    internal World(DriverUnderTest under)
    {
        Under = under;
        Factory = under.OpenWorld();
    }

    /// <summary>The driver's description.</summary>
    public DriverUnderTest Under { get; }

    /// <summary>Makes a driver of this world on the calling thread.</summary>
    public Func<Driver> Factory { get; }

    internal bool IsReal => Under.Capabilities.HasFlag(DriverCapabilities.RealWorld);

    public void Dispose()
    {
        foreach (Rig rig in _rigs)
        {
            rig.Dispose();
        }
    }

    /// <summary>A driver with everything that a case needs to drive it directly.</summary>
    internal Rig OpenRig()
    {
        var rig = new Rig(this);
        _rigs.Add(rig);
        return rig;
    }

    /// <summary>Runs an async main on a loop with a driver of this world.</summary>
    internal void RunLoop(Func<Task> main)
    {
        var options = new RuntimeOptions { DriverFactory = Factory, HandleSignals = false, Log = static _ => { } };
        GyreRuntime.Run(main, options);
    }
}
