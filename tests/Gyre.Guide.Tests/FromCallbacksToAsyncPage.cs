using Gyre.Samples.Listings;

namespace Gyre.Guide.Tests;

public sealed class FromCallbacksToAsyncPage() : GuidePage("from-callbacks-to-async.md", "samples/Listings")
{
    [Fact]
    public void Accept_loop() => Run("accept-loop", () => AcceptLoop.Run(Console.WriteLine));

    [Fact]
    public void Register_and_collect() => Run("register-and-collect", () => RegisterAndCollect.Run(Console.WriteLine));

    [Fact]
    public void Callbacks() => Run("callbacks", () => CallbackTable.Run(Console.WriteLine));

    [Fact]
    public void Example() => Run("example", () => ExampleGenerator.Run(Console.WriteLine));

    [Fact]
    public void Yielding_handler() => Run("yielding-handler", () => YieldingHandler.Run(Console.WriteLine));

    [Fact]
    public void Wrapper() => Run("wrapper", () => WrapperListing.Run(Console.WriteLine), "nested");

    [Fact]
    public void Nested() => Run("nested", () => WrapperListing.Run(Console.WriteLine));

    [Fact]
    public void Ready_list() => Run("ready-list", () => ReadyListListing.Run(Console.WriteLine));

    [Fact]
    public void Request_future() => Run("request-future", () => DoneCallbacks.Run(Console.WriteLine), "done-callbacks");

    [Fact]
    public void Task_of_futures() => Run("tiny-task", () => DoneCallbacks.Run(Console.WriteLine), "done-callbacks");

    [Fact]
    public void Done_callbacks() => Run("done-callbacks", () => DoneCallbacks.Run(Console.WriteLine));

    [Fact]
    public void Yield_from() => Run("yield-from", () => YieldFromListing.Run(Console.WriteLine), "nested");

    [Fact]
    public void Async_await() => Run("async-await", () => AsyncAwait.Run(Console.WriteLine));
}
