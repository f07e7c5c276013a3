using Gyre.Generators;

namespace Gyre.Guide.Tests;

public sealed class IteratorsAndTrampolinePage() : GuidePage("iterators-and-trampoline.md")
{
    [Fact]
    public void An_iterator() => Run("an-iterator", async () =>
    {
        // <an-iterator>
        IEnumerable<Yieldable> Greet(Future<string> name)
        {
            yield return name;
            var pause = Iterator.Operation(() => Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1)));
            yield return pause;
            yield return Iterator.Return($"Hello, {name.Result}!");
        }

        var name = new Future<string>("name");
        EventLoop.Current.Post(() => name.SetResult("Ada"));
        Console.WriteLine(await Iterator.RunAsync<string>(Greet(name)));
        // </an-iterator>
    });

    [Fact]
    public void A_million() => Run("a-million", () =>
    {
        // <a-million>
        IEnumerable<Yieldable> Depth(int levels)
        {
            if (levels == 0)
            {
                yield return Iterator.Return(0);
            }

            IteratorCall<int> inner = Iterator.Call<int>(Depth(levels - 1));
            yield return inner;
            yield return Iterator.Return(inner.Result + 1);
        }

        Console.WriteLine(Trampoline.Run<int>(Depth(1_000_000)));
        // </a-million>
    });

    [Fact]
    public void Failures() => Run("failures", async () =>
    {
        // <failures>
        IEnumerable<Yieldable> Break()
        {
            yield return Iterator.Operation(Coroutine.YieldAsync);
            throw new IOException("broken");
        }

        IEnumerable<Yieldable> Careful()
        {
            IteratorCall call = Iterator.Call(Break());
            yield return call;
            Console.WriteLine(call.Failure is { } failure ? $"noticed: {failure.Message}" : "all is well");
        }

        IEnumerable<Yieldable> Careless()
        {
            try
            {
                yield return Iterator.Call(Break());
                Console.WriteLine("nobody looks at the call");
            }
            finally
            {
                Console.WriteLine("cleaned up");
            }
        }

        await Iterator.RunAsync(Careful());
        try
        {
            await Iterator.RunAsync(Careless());
        }
        catch (IOException failure)
        {
            Console.WriteLine($"failed: {failure.Message}");
        }
        // </failures>
    });

    [Fact]
    public void In_a_group() => Run("in-a-group", async () =>
    {
        // <in-a-group>
        IEnumerable<Yieldable> Wait(Coroutine<int> other)
        {
            yield return other;
            Console.WriteLine($"the iterator waited for {other.Result}");
        }

        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<int> method = group.Spawn(async () =>
            {
                await Coroutine.YieldAsync();
                return 7;
            });
            Coroutine iterator = group.Spawn(Wait(method), "iterator");
            await iterator;
            Console.WriteLine($"{iterator.Name}: {iterator.State}");
        });
        // </in-a-group>
    });

    [Fact]
    public void By_hand() => Run("by-hand", () =>
    {
        // <by-hand>
        IEnumerable<Yieldable> Outer(Yieldable pause)
        {
            yield return Iterator.Call(Inner(pause));
        }

        IEnumerable<Yieldable> Inner(Yieldable pause)
        {
            yield return pause;
        }

        var trampoline = new Trampoline(Iterator.Call(Outer(Iterator.Operation(() => ValueTask.CompletedTask))));
        while (trampoline.MoveNext())
        {
            Console.WriteLine($"{trampoline.Depth} calls deep, something waits");
        }

        trampoline.ThrowIfFailed();
        Console.WriteLine("ended");
        // </by-hand>
    });
}
