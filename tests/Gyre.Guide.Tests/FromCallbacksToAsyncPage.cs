using Gyre.Channels;
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

    [Fact]
    public void Goroutines() => Run("goroutines", async () =>
    {
        // <goroutines>
        LoopChannel<string> answers = LoopChannel.CreateRendezvous<string>();
        var select = new Select();
        SelectReceive<string> answer = select.Receive(answers.Reader);
        SelectAfter patience = select.After(TimeSpan.FromMilliseconds(100));
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(() => AskAsync("users", TimeSpan.FromMilliseconds(10)));
            group.Spawn(() => AskAsync("orders", TimeSpan.FromHours(1)));
            while (await select.WaitAsync() != patience)
            {
                Console.WriteLine(answer.Item);
            }

            Console.WriteLine("that was all in time");
            group.Cancel();
        });

        async Task AskAsync(string name, TimeSpan time)
        {
            await Coroutine.SleepAsync(time);
            await answers.Writer.WriteAsync($"{name} data");
        }
        // </goroutines>
    });

    [Fact]
    public void Gevent() => Run("gevent", async () =>
    {
        // <gevent>
        LoopChannel<string> lines = LoopChannel.CreateRendezvous<string>();
        await TaskGroup.RunAsync(async group =>
        {
            group.SpawnThread(() =>
            {
                foreach (string name in new[] { "users", "orders" })
                {
                    CooperativeThread.Sleep(TimeSpan.FromMilliseconds(10));
                    CooperativeThread.Await(lines.Writer.WriteAsync($"{name} data"));
                }

                lines.Writer.Dispose();
            });
            await foreach (string line in lines.Reader.ReadAllAsync())
            {
                Console.WriteLine(line);
            }
        });
        // </gevent>
    });
}
