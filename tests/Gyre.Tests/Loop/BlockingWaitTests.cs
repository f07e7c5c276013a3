namespace Gyre.Tests;

/// <summary>Blocking waits for tasks that only the blocked loop could complete. They throw; without the guard they would hang.</summary>
public sealed class BlockingWaitTests
{
    private static readonly TimeSpan s_later = TimeSpan.FromMilliseconds(50);

    private static readonly BlockedLoop s_asyncMethod = BlockedLoop.Start(static _ =>
    {
        Task<int> task = OuterAsync();
        return () => task.GetAwaiter().GetResult();

        static async Task<int> OuterAsync() => await InnerAsync() + 1;

        static async Task<int> InnerAsync()
        {
            await Coroutine.SleepAsync(s_later);
            return 1;
        }
    });

    private static readonly BlockedLoop s_allOfMany = BlockedLoop.Start(static _ =>
    {
        Task[] tasks = [SleepAsync(), SleepAsync()];
        return () => Task.WaitAll(tasks);
    });

    private static readonly BlockedLoop s_posted = BlockedLoop.Start(static _ =>
    {
        var source = new TaskCompletionSource();
        EventLoop.Current.Post(() => source.SetResult());
        return () => source.Task.Wait();
    });

    private static readonly BlockedLoop s_methodGroup = BlockedLoop.Start(static _ =>
    {
        var source = new TaskCompletionSource();
        EventLoop.Current.PostFromAnyThread(source.SetResult);
        return () => source.Task.GetAwaiter().GetResult();
    });

    private static readonly BlockedLoop s_postedByOthers = BlockedLoop.Start(static _ =>
    {
        var source = new TaskCompletionSource<string>();
        EventLoop loop = EventLoop.Current;
        var poster = new Thread(() => loop.PostFromAnyThread(() => source.SetResult("never")));
        poster.Start();
        poster.Join();
        return () => Assert.Equal("never", source.Task.Result);
    });

    private static readonly BlockedLoop s_awaitedSource = BlockedLoop.Start(static _ =>
    {
        var source = new TaskCompletionSource();
        Task awaiting = AwaitAsync(source.Task);
        EventLoop.Current.Post(() => source.SetResult());
        return () => awaiting.Wait();

        static async Task AwaitAsync(Task task) => await task;
    });

    private static readonly BlockedLoop s_calledLater = BlockedLoop.Start(static _ =>
    {
        var source = new TaskCompletionSource();
        EventLoop.Current.CallLater(s_later, () => source.SetResult());
        return () => source.Task.Wait();
    });

    private static readonly BlockedLoop s_sleepingSibling = BlockedLoop.Start(static async group =>
    {
        var source = new TaskCompletionSource();
        group.Spawn(async () =>
        {
            await Coroutine.SleepAsync(s_later);
            source.SetResult();
        });
        await OnLoop.TurnsAsync(2);
        return () => source.Task.Wait();
    });

    private static readonly BlockedLoop s_siblingThatHasNotBegun = BlockedLoop.Start(static group =>
    {
        var source = new TaskCompletionSource();
        group.Spawn(() =>
        {
            source.SetResult();
            return Task.CompletedTask;
        });
        return () => source.Task.Wait();
    });

    private static readonly BlockedLoop s_siblingsCaller = BlockedLoop.Start(static async group =>
    {
        var source = new TaskCompletionSource();
        group.Spawn(async () =>
        {
            await SleepAsync();
            source.SetResult();
        });
        await OnLoop.TurnsAsync(2);
        return () => source.Task.Wait();
    });

    private static readonly BlockedLoop s_objectOfSibling = BlockedLoop.Start(static async group =>
    {
        var worker = new Worker();
        group.Spawn(worker.RunAsync);
        await OnLoop.TurnsAsync(2);
        return () => worker.Ready.Wait();
    });

    private static readonly BlockedLoop s_invokedOnItself = BlockedLoop.Start(static _ =>
    {
        EventLoop loop = EventLoop.Current;
        return () => loop.InvokeAsync(static () => Task.CompletedTask).Wait();
    });

    private static readonly BlockedLoop s_delay = BlockedLoop.Start(static _ =>
    {
        EventLoop loop = EventLoop.Current;
        return () => Task.Delay(s_later, loop.Clock).Wait();
    });

    private static readonly BlockedLoop s_cancelAfter = BlockedLoop.Start(static _ =>
    {
        var source = new CancellationTokenSource(s_later, EventLoop.Current.Clock);
        return () => Task.Delay(Timeout.InfiniteTimeSpan, source.Token).Wait();
    });

    private static readonly BlockedLoop s_tick = BlockedLoop.Start(static _ =>
    {
        var timer = new PeriodicTimer(s_later, EventLoop.Current.Clock);
        return () => Assert.True(timer.WaitForNextTickAsync().AsTask().Result);
    });

    [Fact]
    public void An_async_method_that_is_parked() => s_asyncMethod.AssertRefused();

    [Fact]
    public void All_of_many_tasks() => s_allOfMany.AssertRefused();

    [Fact]
    public void A_source_that_a_posted_callback_would_set() => s_posted.AssertRefused();

    [Fact]
    public void A_source_whose_own_method_was_posted() => s_methodGroup.AssertRefused();

    [Fact]
    public void A_source_that_a_callback_from_another_thread_would_set() => s_postedByOthers.AssertRefused();

    [Fact]
    public void A_method_that_awaits_such_a_source() => s_awaitedSource.AssertRefused();

    [Fact]
    public void A_source_that_a_timer_would_set() => s_calledLater.AssertRefused();

    [Fact]
    public void A_source_that_a_sleeping_sibling_would_set() => s_sleepingSibling.AssertRefused();

    [Fact]
    public void A_source_that_a_sibling_would_set_which_has_not_begun() => s_siblingThatHasNotBegun.AssertRefused();

    [Fact]
    public void A_source_that_the_caller_of_a_sleeping_method_would_set() => s_siblingsCaller.AssertRefused();

    [Fact]
    public void A_source_in_the_object_whose_method_sleeps() => s_objectOfSibling.AssertRefused();

    [Fact]
    public void A_call_of_InvokeAsync_on_its_own_loop() => s_invokedOnItself.AssertRefused();

    [Fact]
    public void A_delay_on_the_loops_clock() => s_delay.AssertRefused();

    [Fact]
    public void A_delay_that_a_cancellation_on_the_loops_clock_would_end() => s_cancelAfter.AssertRefused();

    [Fact]
    public void A_tick_of_a_timer_on_the_loops_clock() => s_tick.AssertRefused();

    private static async Task SleepAsync() => await Coroutine.SleepAsync(s_later);

    private sealed class Worker
    {
        private readonly TaskCompletionSource _ready = new();

        public Task Ready => _ready.Task;

        public async Task RunAsync()
        {
            await Coroutine.SleepAsync(s_later);
            _ready.SetResult();
        }
    }
}
