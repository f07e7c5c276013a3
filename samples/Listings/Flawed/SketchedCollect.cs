namespace Gyre.Samples.Listings.Flawed;

/// <summary>Registering and collecting as it is first written down: one pass, and one variable for everybody's data.</summary>
public static class SketchedCollect
{
    /// <summary>Registers what is wanted, and handles what has finished.</summary>
    public static void Run(TinySystem system, (int Id, IoKind Kind)[] wanted)
    {
        foreach ((int id, IoKind kind) in wanted)
        {
            system.Register(id, kind);
        }

        string data = "";
        foreach ((int id, IoKind kind) in system.GetFinished())
        {
            if (kind == IoKind.Read)
            {
                data = system.Read(id);
            }
            else
            {
                system.Write(id, data);
            }
        }
    }
}
