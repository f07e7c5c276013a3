using System.Reflection;
using Gyre.Coroutines;

namespace Gyre.Tests;

/// <summary>From futures to tasks and back.</summary>
public sealed class FutureConversionTests
{
    [Fact]
    public void As_a_task_it_settles_as_itself_for_any_thread() => OnLoop.Run(async () =>
    {
        var typed = new Future<int>();
        var untyped = new Future();
        var failed = new Future<int>();
        var cancelled = new Future();
        var thrown = new InvalidTimeZoneException();
        Task<int> typedTask = typed.AsTask();
        Task untypedTask = untyped.AsTask();
        Task<int> failedTask = failed.AsTask();
        Task cancelledTask = cancelled.AsTask();
        Task<int> elsewhere = Task.Run(async () => await typedTask.ConfigureAwait(false) + 1, TestContext.Current.CancellationToken);
        Assert.False(typedTask.IsCompleted || untypedTask.IsCompleted || failedTask.IsCompleted || cancelledTask.IsCompleted);
        typed.SetResult(1);
        untyped.SetResult();
        failed.SetException(thrown);
        cancelled.Cancel();
        Assert.Equal(2, await elsewhere);
        Assert.Equal(1, await typedTask);
        await untypedTask;
        Assert.Same(thrown, await Assert.ThrowsAsync<InvalidTimeZoneException>(() => failedTask));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelledTask);
        Assert.True(cancelledTask.IsCanceled);
        Assert.Equal(1, await typed.AsTask());
    });

    [Fact]
    public void A_continuation_of_its_task_never_runs_inside_the_setter() => OnLoop.Run(static async () =>
    {
        var future = new Future<int>();
        int setting = 0;
        var done = new TaskCompletionSource<int>();
        _ = future.AsTask().ContinueWith(
            _ => done.SetResult(Volatile.Read(ref setting)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        int thread = Environment.CurrentManagedThreadId;
        int ranOn = 0;
        _ = future.AsTask().ContinueWith(
            _ => ranOn = Environment.CurrentManagedThreadId, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        future.SetResult(1);
        Assert.NotEqual(thread, ranOn);
        await done.Task;
    });

    [Fact]
    public void A_coroutine_is_a_task_too() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        Coroutine<int> child = group.Spawn(static async () =>
        {
            await Coroutine.YieldAsync();
            return 3;
        });
        Assert.Equal(3, await child.AsTask());
        Coroutine cancelled = group.Spawn(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
        Task task = cancelled.AsTask();
        cancelled.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
    }));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void As_a_future_a_task_settles_as_itself_wherever_it_is_completed(bool fromAnotherThread) => OnLoop.Run(async () =>
    {
        var typed = new TaskCompletionSource<int>();
        var untyped = new TaskCompletionSource();
        var failed = new TaskCompletionSource<int>();
        var cancelled = new TaskCompletionSource();
        var thrown = new InvalidTimeZoneException();
        Future<int> typedFuture = typed.Task.AsFuture("the answer");
        Future untypedFuture = untyped.Task.AsFuture();
        Future<int> failedFuture = failed.Task.AsFuture();
        Future cancelledFuture = cancelled.Task.AsFuture();
        Assert.Equal("the answer", typedFuture.Name);
        Assert.Equal("a foreign task", untypedFuture.Name);
        Assert.False(typedFuture.IsDone || untypedFuture.IsDone || failedFuture.IsDone || cancelledFuture.IsDone);
        if (fromAnotherThread)
        {
            await Task.Run(Complete, TestContext.Current.CancellationToken);
        }
        else
        {
            Complete();
        }

        Assert.Equal(5, await typedFuture);
        await untypedFuture;
        Assert.Same(thrown, await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await failedFuture));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await cancelledFuture);
        Assert.Equal(FutureState.Failed, failedFuture.State);
        Assert.Equal(FutureState.Cancelled, cancelledFuture.State);

        void Complete()
        {
            typed.SetResult(5);
            untyped.SetResult();
            failed.SetException(thrown);
            cancelled.SetCanceled(CancellationToken.None);
        }
    });

    [Fact]
    public void A_completed_task_is_a_settled_future_at_once() => OnLoop.Run(static async () =>
    {
        Future<int> succeeded = Task.FromResult(5).AsFuture();
        Assert.Equal(5, succeeded.Result);
        Future<int> failed = Task.FromException<int>(new InvalidTimeZoneException()).AsFuture();
        Assert.IsType<InvalidTimeZoneException>(failed.Failure);
        Future cancelled = Task.FromCanceled(new CancellationToken(canceled: true)).AsFuture();
        Assert.Equal(FutureState.Cancelled, cancelled.State);

        // A cancellation that was set as a failure is a failure: nobody cancelled the task.
        Future odd = Task.FromException(new OperationCanceledException()).AsFuture();
        Assert.Equal(FutureState.Failed, odd.State);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await odd);
    });

    [Fact]
    public void There_and_back_again_is_the_same_outcome() => OnLoop.Run(static async () =>
    {
        var future = new Future<int>();
        Future<int> back = future.AsTask().AsFuture();
        future.SetResult(8);
        Assert.Equal(8, await back);
        var failing = new Future<int>();
        var thrown = new InvalidTimeZoneException();
        Future<int> failed = failing.AsTask().AsFuture();
        failing.SetException(thrown);
        Assert.Same(thrown, await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await failed));
    });

    [Fact]
    public void A_cancellable_wait_for_a_task_ends_with_the_scope_and_abandons_the_task() => OnLoop.Run(static async () =>
    {
        var source = new TaskCompletionSource<int>();
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            EventLoop.Current.Post(() => scope.Cancel());
            await source.Task.Cancellable();
        });
        Assert.True(scope.CancelledCaught);
        Assert.False(source.Task.IsCompleted);
        using var token = new CancellationTokenSource();
        ValueTask waiting = ((Task)source.Task).Cancellable(token.Token);
        await token.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        source.SetResult(1);
        Assert.Equal(1, await source.Task.Cancellable());
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_later_failure_of_an_abandoned_task_is_that_of_the_scope_around(bool fromAnotherThread) => OnLoop.Run(async () =>
    {
        var source = new TaskCompletionSource();
        var thrown = new InvalidTimeZoneException();
        bool reachedTheEnd = false;
        Assert.Same(thrown, await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(async _ =>
        {
            await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(1), async _ => await source.Task.Cancellable());
            if (fromAnotherThread)
            {
                await Task.Run(() => source.SetException(thrown), TestContext.Current.CancellationToken);
            }
            else
            {
                source.SetException(thrown);
            }

            await OnLoop.UntilAsync(() => source.Task.IsCompleted);
            await OnLoop.TurnsAsync(3);
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(20));
            reachedTheEnd = true;
        })));
        Assert.True(reachedTheEnd);
    });

    [Fact]
    public void Off_a_loop_there_is_no_future_to_make_of_a_task()
    {
        Assert.Throws<InvalidOperationException>(static () => Task.CompletedTask.AsFuture());
        Assert.Throws<InvalidOperationException>(static () => Task.FromResult(1).AsFuture());
    }

    [Fact]
    public void The_later_failure_of_a_task_whose_future_was_cancelled_is_that_of_the_scope_around() => OnLoop.Run(static async () =>
    {
        var task = new TaskCompletionSource<int>();
        var thrown = new InvalidTimeZoneException();
        Assert.Same(thrown, await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(async _ =>
        {
            var winner = new Future<int>();
            Future<int> race = Future.Race([task.Task.AsFuture(), winner], Losers.Cancel);
            winner.SetResult(1);
            Assert.Equal(1, await race);

            // On a thread without a context the task tells its futures in order, so the failure has come home when the second hears of it.
            Future<int> second = task.Task.AsFuture();
            await Task.Run(() => task.SetException(thrown), TestContext.Current.CancellationToken);
            await Record.ExceptionAsync(async () => await second);
        })));
    });

    [Fact]
    public void A_task_that_does_not_end_keeps_nothing_of_the_waits_that_abandoned_it() => OnLoop.Run(async () =>
    {
        var task = new TaskCompletionSource<int>();
        await AbandonAsync(task.Task, 1000);
        object? continuations = FieldOf(typeof(Task), "m_continuationObject", task.Task);
        Assert.True(continuations is not List<object> { Count: > 1 }, "The task was given a continuation for each wait.");
        Assert.Null(FieldOf(typeof(Waitable), "_observers", FollowedTask.Of(EventLoop.Current, task.Task).Future));
        task.SetResult(1);
    });

    [Fact]
    public void Each_scope_that_abandoned_a_task_is_told_of_its_failure()
    {
        var task = new TaskCompletionSource();
        var failure = new InvalidOperationException("late");
        Exception[] told = OnLoop.Run(async () =>
        {
            // One that stays goes on once the failure has come home, and so after those who left were told.
            Task stays = task.Task.Cancellable().AsTask();
            return await Task.WhenAll(CatchAsync(), CatchAsync());

            async Task<Exception> CatchAsync() => await Assert.ThrowsAsync<InvalidOperationException>(() => CancelScope.RunAsync(async _ =>
            {
                await CancelScope.RunAsync(inner =>
                {
                    inner.Cancel();
                    return task.Task.Cancellable().AsTask();
                });
                task.TrySetException(failure);
                await Assert.ThrowsAsync<InvalidOperationException>(() => stays);
            }));
        });
        Assert.Equal([failure, failure], told);
    }

    private static object? FieldOf(Type type, string name, object owner) =>
        type.GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(owner);

    private static async Task AbandonAsync(Task task, int times)
    {
        for (int i = 0; i < times; i++)
        {
            await CancelScope.RunAsync(scope =>
            {
                EventLoop.Current.Post(() => scope.Cancel());
                return task.Cancellable().AsTask();
            });
        }
    }
}
