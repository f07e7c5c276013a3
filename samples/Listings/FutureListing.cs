namespace Gyre.Samples.Listings;

/// <summary>A future and its callbacks, one of which comes late.</summary>
public static class FutureListing
{
    /// <summary>Callbacks run after the setter, in order, also those added to a future that is done.</summary>
    public static void Run(Action<object?> print)
    {
        var loop = new TinyLoop(new TinySystem());
        var answer = new TinyFuture(loop);
        answer.AddDoneCallback(done => print($"first: {done.Result}"));
        answer.AddDoneCallback(done => print($"second: {done.Result}"));
        answer.SetResult(42);
        print("set");
        loop.Run();
        answer.AddDoneCallback(done => print($"late: {done.Result}"));
        loop.Run();
    }
}
