namespace Gyre.Samples.Listings;

/// <summary>Three requests on one ready list.</summary>
public static class ReadyListListing
{
    /// <summary>Two answers come at once, and one handler fails, which is nobody else's business.</summary>
    public static void Run(Action<object?> print)
    {
        var system = new TinySystem();
        var ready = new ReadyList(new TinyLoop(system), line => print($"{system.Now} ms: {line}"));
        foreach (string request in (string[])["users", "broken", "orders"])
        {
            ready.OnRequest(request, Handle);
        }

        ready.Run();

        static Frame Handle(string request) => Frames.Of(async flow => $"{request} gets {await flow.Yield(Fetch(request))}");

        static Frame Fetch(string name) => Frames.Of(async flow => await flow.Yield(new Io(name, 100)));
    }
}
