namespace Gyre.Samples.Listings;

/// <summary>Coroutines that wait for futures, and for each other.</summary>
public static class DoneCallbacks
{
    /// <summary>One waits for two requests that run at once; another waits for the first, and is told of a failure.</summary>
    public static void Run(Action<object?> print)
    {
        var system = new TinySystem();
        var loop = new TinyLoop(system);

        // <done-callbacks>
        var page = new TinyTask(loop, Frames.Of(async flow =>
        {
            TinyFuture users = RequestFuture.Request(loop, new Io("users", 100));
            TinyFuture orders = RequestFuture.Request(loop, new Io("orders", 50));
            return $"{await flow.Yield(users)} and {await flow.Yield(orders)}";
        }));
        var reader = new TinyTask(loop, Frames.Of(async flow =>
        {
            print($"{await flow.Yield(page)} at {system.Now} ms");
            return await flow.Yield(RequestFuture.Request(loop, new Io("broken", 10)));
        }));
        loop.Run();
        print(reader.Failure?.Message);
        // </done-callbacks>
    }
}
