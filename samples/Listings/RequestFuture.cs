namespace Gyre.Samples.Listings;

/// <summary>A request that gives a future: it has begun before anybody waits for it.</summary>
public static class RequestFuture
{
    /// <summary>Two requests at once take as long as the longer one.</summary>
    public static void Run(Action<object?> print)
    {
        var system = new TinySystem();
        var loop = new TinyLoop(system);

        TinyFuture users = Request(loop, new Io("users", 100));
        TinyFuture broken = Request(loop, new Io("broken", 50));
        users.AddDoneCallback(done => print($"{system.Now} ms: {done.Result}"));
        broken.AddDoneCallback(done => print($"{system.Now} ms: {done.Failure?.Message}"));
        print($"{loop.WaitingCount} requests are on their way");
        loop.Run();
    }

    /// <summary>Sends a request, and returns the place where its answer will be.</summary>
    // <request-future>
    public static TinyFuture Request(TinyLoop loop, Io io)
    {
        var answer = new TinyFuture(loop);
        loop.Call(io, answer.SetResult, answer.SetException);
        return answer;
    }
    // </request-future>
}
