namespace Gyre.Samples.Listings;

/// <summary>The simplest server: takes a request, looks its handler up, runs it, and only then takes the next.</summary>
public static class AcceptLoop
{
    /// <summary>Serves three clients that come at once and one whose handler fails.</summary>
    public static void Run(Action<object?> print)
    {
        var system = new TinySystem();
        foreach (string request in (string[])["/users", "/orders", "/nowhere", "/broken"])
        {
            system.Arrive(0, request);
        }

        var routes = new Dictionary<string, Func<string, string>>
        {
            ["/users"] = _ => system.Read(system.Open(new Io("users", 100))),
            ["/orders"] = _ => system.Read(system.Open(new Io("orders", 100))),
            ["/broken"] = _ => system.Read(system.Open(new Io("broken", 100))),
        };
        Serve(system, routes, (request, answer) => print($"{system.Now} ms: {request} gets {answer}"));
    }

    /// <summary>Serves until nobody will come any more; a real server has no end.</summary>
    public static void Serve(TinySystem system, Dictionary<string, Func<string, string>> routes, Action<string, string> answer)
    {
        // <accept-loop>
        while (system.HasArrivals)
        {
            string request = system.Accept();
            Func<string, string> handler = routes.GetValueOrDefault(request, _ => "404");
            answer(request, Answer(handler, request));
        }
        // </accept-loop>
    }

    /// <summary>A request that fails is answered like any other, and is nobody else's business.</summary>
    private static string Answer(Func<string, string> handler, string request)
    {
        try
        {
            return handler(request);
        }
        catch (IOException failure)
        {
            return $"500, {failure.Message}";
        }
    }
}
