namespace Gyre.Guide.Tests;

public sealed class CallbacksAndTimersPage() : GuidePage("callbacks-and-timers.md")
{
    [Fact]
    public void Post() => Run("post", async () =>
    {
        // <post>
        EventLoop loop = EventLoop.Current;
        loop.Post(() =>
        {
            Console.WriteLine("first");
            loop.Post(() => Console.WriteLine("third, in the next turn"));
        });
        loop.Post(() => Console.WriteLine("second"));
        Console.WriteLine("posted");
        await Coroutine.YieldAsync();
        await Coroutine.YieldAsync();
        // </post>
    });

    [Fact]
    public void Timers() => Run("timers", async () =>
    {
        // <timers>
        EventLoop loop = EventLoop.Current;
        var rung = new Future("the bell");
        TimerHandle never = loop.CallLater(TimeSpan.FromMilliseconds(5), () => Console.WriteLine("never"));
        loop.CallLater(TimeSpan.FromMilliseconds(10), () => rung.SetResult());
        loop.CallAt(loop.Time, () => Console.WriteLine("at once, in a later turn"));
        Console.WriteLine($"taken back: {never.Cancel()}, pending: {never.IsPending}");
        await rung;
        Console.WriteLine("rung");
        // </timers>
    });

    [Fact]
    public void Scopes() => Run("scope", async () =>
    {
        // <scope>
        try
        {
            await CancelScope.RunAsync(async _ =>
            {
                EventLoop.Current.Post(() => throw new IOException("of a callback"));
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            });
        }
        catch (IOException failure)
        {
            Console.WriteLine($"the scope failed: {failure.Message}");
        }
        // </scope>
    });

    [Fact]
    public void Threads() => Run("threads", async () =>
    {
        // <threads>
        EventLoop loop = EventLoop.Current;
        var result = new Future<int>("from a thread");
        var thread = new Thread(() =>
        {
            int computed = 6 * 7;
            loop.PostFromAnyThread(() => result.SetResult(computed));
        });
        thread.Start();
        Console.WriteLine(await result);
        // </threads>
    });

    [Fact]
    public void Clock() => Run("clock", async () =>
    {
        // <clock>
        EventLoop loop = EventLoop.Current;
        int ticks = 0;
        var enough = new Future("three ticks");
        using ITimer timer = loop.Clock.CreateTimer(
            _ =>
            {
                ticks++;
                if (ticks == 3)
                {
                    enough.TrySetResult();
                }
            },
            null,
            TimeSpan.FromMilliseconds(2),
            TimeSpan.FromMilliseconds(2));
        await enough;
        Console.WriteLine($"{ticks} ticks on the loop: {loop.HasAccess}");
        // </clock>
    });
}
