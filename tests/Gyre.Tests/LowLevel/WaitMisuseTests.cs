using Gyre.LowLevel;

namespace Gyre.Tests;

/// <summary>A <see cref="ValueTask"/> of Gyre is awaited once, on its loop; anything else throws where it is done.</summary>
public sealed class WaitMisuseTests
{
    [Fact]
    public void Awaited_again_after_its_end_it_throws() => OnLoop.Run(async () =>
    {
        ValueTask yielded = Coroutine.YieldAsync();
        await yielded;
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await yielded);
        var wait = new Wait<string>(EventLoop.Current);
        ValueTask<string> parked = wait.ParkAsync();
        wait.TryWake("first");
        Assert.Equal("first", await parked);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await parked);
    });

    [Fact]
    public void Awaited_by_two_at_once_the_second_throws_and_the_first_goes_on() => OnLoop.Run(async () =>
    {
        ValueTask sleep = Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
        Task first = AwaitAsync(sleep);
        Task second = AwaitAsync(sleep);
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => second);
        Assert.Contains("AsTask()", failure.Message, StringComparison.Ordinal);
        await first;

        static async Task AwaitAsync(ValueTask task) => await task;
    });

    [Fact]
    public void A_stale_await_does_not_take_the_value_that_was_delivered_to_the_next() => OnLoop.Run(async () =>
    {
        var wait = new Wait<string>(EventLoop.Current);
        ValueTask<string> stale = wait.ParkAsync();
        wait.TryWake("first");
        Assert.Equal("first", await stale);
        ValueTask<string> current = wait.ParkAsync();
        wait.TryWake("second");
        Assert.Throws<InvalidOperationException>(() => stale.GetAwaiter().GetResult());
        Assert.Equal("second", await current);
    });

    [Fact]
    public void A_stale_await_of_a_pooled_wait_does_not_put_it_into_the_pool_twice() => OnLoop.Run(async () =>
    {
        ValueTask stale = Coroutine.YieldAsync();
        await stale;
        Assert.Throws<InvalidOperationException>(() => stale.GetAwaiter().GetResult());
        Assert.Throws<InvalidOperationException>(() => stale.GetAwaiter().GetResult());

        // Two flows that got the same wait would stand in each other's way.
        await Task.WhenAll(SleepAsync(1), SleepAsync(2), SleepAsync(3));

        static async Task SleepAsync(int milliseconds) => await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(milliseconds));
    });

    [Fact]
    public void Asking_a_pending_one_for_its_result_says_to_await_it() => OnLoop.Run(async () =>
    {
        ValueTask sleep = Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
        var failure = Assert.Throws<InvalidOperationException>(() => sleep.GetAwaiter().GetResult());
        Assert.Contains("await", failure.Message, StringComparison.Ordinal);
        await sleep;
    });

    [Fact]
    public void As_a_task_it_is_awaited_many_times() => OnLoop.Run(async () =>
    {
        Task task = Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1)).AsTask();
        await Task.WhenAll(AwaitAsync(), AwaitAsync());
        Task yielded = Coroutine.YieldAsync().AsTask();
        await yielded;
        await yielded;

        async Task AwaitAsync() => await task;
    });

    [Fact]
    public void Awaited_off_the_loop_it_throws_there_and_names_the_loop() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        ValueTask sleep = Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Task.Run(async () => await sleep));
        Assert.Contains($"'{loop.Name}'", failure.Message, StringComparison.Ordinal);
        await sleep;
    });

    [Fact]
    public void A_wait_that_nobody_awaits_does_no_harm() => OnLoop.Run(async () =>
    {
        _ = Coroutine.YieldAsync();
        _ = Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(3));
    });
}
