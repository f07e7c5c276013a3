using Gyre.Promises;

namespace Gyre.Guide.Tests;

public sealed class FuturesPage() : GuidePage("futures.md")
{
    [Fact]
    public void A_future() => Run("a-future", async () =>
    {
        // <a-future>
        var answer = new Future<int>("answer");
        EventLoop.Current.CallLater(TimeSpan.FromMilliseconds(5), () => answer.SetResult(42));
        Console.WriteLine(answer.State);
        Console.WriteLine(await answer);
        Console.WriteLine(await answer + answer.Result);
        // </a-future>
    });

    [Fact]
    public void Callbacks() => Run("callbacks", async () =>
    {
        // <callbacks>
        var door = new Future("door");
        door.AddDoneCallback(d => Console.WriteLine($"first: {d.State}"));
        door.AddDoneCallback(_ => Console.WriteLine("second"));
        door.SetResult();
        Console.WriteLine("set");
        await Coroutine.YieldAsync();
        // </callbacks>
    });

    [Fact]
    public void Once() => Run("once", () =>
    {
        // <once>
        var answer = new Future<int>("answer");
        try
        {
            Console.WriteLine(answer.Result);
        }
        catch (InvalidOperationException refused)
        {
            Console.WriteLine(refused.Message);
        }

        answer.SetResult(1);
        Console.WriteLine(answer.TrySetResult(2));
        try
        {
            answer.SetResult(3);
        }
        catch (InvalidOperationException refused)
        {
            Console.WriteLine(refused.Message);
        }
        // </once>

        return Task.CompletedTask;
    });

    [Fact]
    public void Lost() => Run("lost", async () =>
    {
        // <lost>
        try
        {
            await CancelScope.RunAsync(_ =>
            {
                new Future("backup").SetException(new IOException("disk full"));
                return Task.CompletedTask;
            });
        }
        catch (IOException failure)
        {
            Console.WriteLine($"the scope failed: {failure.Message}");
        }
        // </lost>
    });

    [Fact]
    public void Combinators() => Run("combinators", async () =>
    {
        // <combinators>
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<string> slow = group.Spawn(() => ReplyAsync("late", 20), "slow");
            Coroutine<string> fast = group.Spawn(() => ReplyAsync("soon", 5), "fast");

            Console.WriteLine(await Future.Race([slow, fast]));
            await foreach (Future<string> done in Future.AsCompleted([slow, fast]))
            {
                Console.WriteLine($"{done.Name}: {done.Result}");
            }

            Console.WriteLine(string.Join(" ", await Future.All([slow, fast])));
        });

        static async Task<string> ReplyAsync(string text, int milliseconds)
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(milliseconds));
            return text;
        }
        // </combinators>
    });

    [Fact]
    public void Settled() => Run("settled", async () =>
    {
        // <settled>
        var good = new Future<int>("good");
        var bad = new Future<int>("bad");
        var late = new Future<int>("late");
        good.SetResult(1);
        bad.SetException(new IOException("no route"));

        Future<int> first = Future.Any([bad, good, late], Losers.Cancel);
        Console.WriteLine($"{await first}, and late is {late.State}");
        foreach (FutureOutcome<int> outcome in await Future.AllSettled([good, bad, late]))
        {
            Console.WriteLine($"{outcome.State}: {outcome.Thrown?.Message ?? $"{outcome.Value}"}");
        }
        // </settled>
    });

    [Fact]
    public void Promises() => Run("promises", async () =>
    {
        // <promises>
        var text = new Future<string>("text");
        Future<string> shown = text
            .Then(digits => int.Parse(digits))
            .Then(number => $"twice: {number * 2}")
            .Catch(failure => $"no number: {failure.GetType().Name}")
            .Finally(() => Console.WriteLine("settled"));
        text.SetResult("many");
        Console.WriteLine(await shown);
        // </promises>
    });

    [Fact]
    public void Cancelling() => Run("cancelling", async () =>
    {
        // <cancelling>
        var answer = new Future<int>("answer");
        CancelScope scope = await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(5), async _ => await answer);
        Console.WriteLine($"gave up waiting: {scope.CancelledCaught}, the future is {answer.State}");

        answer.Cancel("nobody asks any more");
        try
        {
            await answer;
        }
        catch (OperationCanceledException cancelled)
        {
            Console.WriteLine(cancelled.Message);
        }
        // </cancelling>
    });

    [Fact]
    public void Tasks() => Run("tasks", async () =>
    {
        // <tasks>
        var never = new TaskCompletionSource<int>();
        CancelScope scope = await CancelScope.MoveOnAfterAsync(
            TimeSpan.FromMilliseconds(5), async _ => await never.Task.Cancellable());
        Console.WriteLine($"abandoned: {scope.CancelledCaught}");

        Future<int> future = Task.FromResult(1).AsFuture();
        Task<int> task = future.AsTask();
        Console.WriteLine($"{await future} {await task}");
        // </tasks>
    });
}
