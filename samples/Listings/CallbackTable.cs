namespace Gyre.Samples.Listings;

/// <summary>The server on a table of callbacks: whoever waits leaves word what to call, and nobody holds up anybody.</summary>
public static class CallbackTable
{
    /// <summary>Serves three clients; each handler waits for two requests of its own.</summary>
    public static void Run(Action<object?> print)
    {
        var system = new TinySystem();
        var loop = new TinyLoop(system);
        system.Arrive(0, "/a");
        system.Arrive(0, "/b");
        system.Arrive(120, "/c");

        // <callbacks>
        void ServeNext() => loop.When(TinySystem.Listener, IoKind.Read, () =>
        {
            Handle(system.Accept());
            if (system.HasArrivals)
            {
                ServeNext();
            }
        });

        void Handle(string request) => loop.Call(new Io("users", 100), users => HandleUsers(request, users), failure => Fail(request, failure));

        void HandleUsers(string request, string users) => loop.Call(
            new Io("orders", 50),
            orders => print($"{system.Now} ms: {request} gets {users} and {orders}"),
            failure => Fail(request, failure));
        // </callbacks>

        void Fail(string request, IOException failure) => print($"{system.Now} ms: {request} gets 500, {failure.Message}");

        ServeNext();
        loop.Run();
        print($"{loop.WaitingCount} callbacks left");
    }
}
