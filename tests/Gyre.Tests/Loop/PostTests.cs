namespace Gyre.Tests;

public sealed class PostTests
{
    [Fact]
    public void Posts_run_in_order_and_never_inline() => OnLoop.Run(async () =>
    {
        var order = new List<int>();
        for (int i = 0; i < 1000; i++)
        {
            int number = i;
            EventLoop.Current.Post(() => order.Add(number));
        }

        Assert.Empty(order);
        await Coroutine.YieldAsync();
        Assert.Equal(Enumerable.Range(0, 1000), order);
    });

    [Fact]
    public void A_post_from_the_loops_own_thread_is_queued_like_any_other() => OnLoop.Run(async () =>
    {
        var order = new List<string>();
        EventLoop loop = EventLoop.Current;
        loop.Post(() => order.Add("first"));
        loop.PostFromAnyThread(() => order.Add("second"));
        loop.Post(() => order.Add("third"));
        Assert.Empty(order);
        await Coroutine.YieldAsync();
        Assert.Equal(["first", "second", "third"], order);
    });

    [Fact]
    public void A_post_runs_in_the_scope_of_whoever_posted() => OnLoop.Run(async () =>
    {
        bool cancelledInside = false;
        await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel();
            EventLoop.Current.Post(() => cancelledInside = Loop.ScopeContext.Resolve(EventLoop.Current).IsCancelled);
            scope.Shield = true;
            await Task.CompletedTask;
        });
        await OnLoop.TurnsAsync(2);
        Assert.True(cancelledInside);
    });

    [Fact]
    public void A_null_callback_is_refused() => OnLoop.Run(() =>
    {
        Assert.Throws<ArgumentNullException>(() => EventLoop.Current.Post(null!));
        Assert.Throws<ArgumentNullException>(() => EventLoop.Current.PostFromAnyThread(null!));
        Assert.Throws<ArgumentNullException>(() => EventLoop.Current.CallLater(TimeSpan.Zero, null!));
        return Task.CompletedTask;
    });
}
