namespace Gyre.Samples.Ladder;

/// <summary>One step of the story.</summary>
/// <param name="Name">What <c>--stage</c> calls it.</param>
/// <param name="Line">What it is, in one line.</param>
/// <param name="Run">Serves until the setting's token is cancelled.</param>
public sealed record Stage(string Name, string Line, Action<Setting> Run)
{
    /// <summary>The stages in the order of the story. A new one is a file in <c>Stages/</c> and a line here.</summary>
    public static IReadOnlyList<Stage> All { get; } =
    [
        new("blocking", "one request at a time, on one thread that blocks", Blocking.Run),
        new("threads", "a thread for each request", Threads.Run),
        new("multiplexing", "one thread, readiness of sockets, and a table of states kept by hand", Multiplexing.Run),
        new("callbacks", "the loop is a library's; a table of callbacks", Callbacks.Run),
        new("iterators", "the handler is one method again, and yields what it waits for", Iterators.Run),
        new("generators", "results and failures are sent in where it yielded", Generators.Run),
        new("trampoline", "iterators call iterators, on a stack of their own", Trampolines.Run),
        new("ready-list", "a scheduler by hand: generators, what they are sent, and whose turn it is", ReadyList.Run),
        new("futures", "a result that will come, whoever brings it: Request(url) returns one", Futures.Run),
        new("delegation", "yield from: generators call generators, and the language keeps the stack", Delegation.Run),
        new("async", "async and await, the words for all of it", Async.Run),
        new("promises", "the other way: futures chained with Then, Catch and Finally", Promises.Run),
        new("goroutines", "handlers that talk through channels, and wait for the first of several", Goroutines.Run),
        new("cooperative", "the blocking handler again, whose threads take turns with the loop", Cooperative.Run),
    ];
}
