namespace Gyre.Samples.Listings;

/// <summary>Many waits in one: registers what it is interested in, collects what has finished, reads and writes.</summary>
public static class RegisterAndCollect
{
    /// <summary>Reads two answers in the order in which they come, and sends each back to where it came from.</summary>
    public static void Run(Action<object?> print)
    {
        var system = new TinySystem();
        int[] ids = [system.Open(new Io("slow", 30)), system.Open(new Io("quick", 10))];
        Echo(system, ids, line => print($"{system.Now} ms: {line}"));
    }

    /// <summary>Reads each of <paramref name="ids"/> and writes to it what was read from it.</summary>
    public static void Echo(TinySystem system, int[] ids, Action<string> log)
    {
        var unsent = new Dictionary<int, string>();
        foreach (int id in ids)
        {
            system.Register(id, IoKind.Read);
        }

        // <register-and-collect>
        while (system.HasInterests)
        {
            foreach ((int id, IoKind kind) in system.GetFinished())
            {
                if (kind == IoKind.Read)
                {
                    unsent[id] = system.Read(id);
                    log($"read {unsent[id]} from {id}");
                    system.Register(id, IoKind.Write);
                }
                else if (unsent.Remove(id, out string? data))
                {
                    system.Write(id, data);
                    log($"wrote {data} to {id}");
                }
            }
        }
        // </register-and-collect>
    }
}
