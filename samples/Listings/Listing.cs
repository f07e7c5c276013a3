namespace Gyre.Samples.Listings;

/// <summary>A step of the story that can be run.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Shows">What it shows, in a line.</param>
/// <param name="Run">Runs it, and prints through what it is given.</param>
public sealed record Listing(string Name, string Shows, Action<Action<object?>> Run)
{
    /// <summary>All, in the order of the story.</summary>
    public static IReadOnlyList<Listing> All { get; } =
    [
        new("accept-loop", "one request at a time, each to its end", AcceptLoop.Run),
        new("register-and-collect", "many waits in one: register IO, collect what has finished, read and write", RegisterAndCollect.Run),
        new("callbacks", "a table of callbacks, which the loop calls", CallbackTable.Run),
        new("yielding-handler", "a handler that yields what it waits for", YieldingHandler.Run),
        new("example", "a generator takes values, gives values, and returns one", ExampleGenerator.Run),
        new("wrapper", "coroutines that call coroutines, on a stack", WrapperListing.Run),
        new("ready-list", "coroutines that can go on, and the IO that puts them back", ReadyListListing.Run),
        new("future", "a value that comes later, and who wants to be told", FutureListing.Run),
        new("request", "a request that returns a future", RequestFuture.Run),
        new("done-callbacks", "a future's callback requeues the coroutine that waits for it", DoneCallbacks.Run),
        new("yield-from", "delegation instead of the stack", YieldFromListing.Run),
        new("async-await", "the same on Gyre's loop", AsyncAwait.Run),
    ];
}
