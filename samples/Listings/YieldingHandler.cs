using Gyre.Generators;

namespace Gyre.Samples.Listings;

/// <summary>The handler in one piece again: it yields what it waits for, and somebody drives it.</summary>
public static class YieldingHandler
{
    /// <summary>Runs two handlers side by side.</summary>
    public static void Run(Action<object?> print)
    {
        var system = new TinySystem();
        var loop = new TinyLoop(system);

        // <yielding-handler>
        Frame Handler(string request) => Frames.Of(async flow =>
        {
            object? users = await flow.Yield(new Io("users", 100));
            object? orders = await flow.Yield(new Io("orders", 50));
            print($"{system.Now} ms: {request} gets {users} and {orders}");
            return null;
        });

        void Drive(Frame handler, Step<object?, object?> step)
        {
            if (!step.IsReturn)
            {
                loop.Call((Io)step.Yielded!, data => Drive(handler, handler.Send(data)), failure => Drive(handler, handler.Throw(failure)));
            }
        }
        // </yielding-handler>

        foreach (string request in (string[])["/a", "/b"])
        {
            Frame handler = Handler(request);
            Drive(handler, handler.Next());
        }

        loop.Run();
    }
}
