using System.Net;
using System.Net.Sockets;

namespace Gyre.Tests;

/// <summary>
/// Foreign tasks come home to loop, coroutine and scope. <c>Task.Delay</c> is here as the foreign task under test, not as a way
/// to wait.
/// </summary>
public sealed class ForeignAwaitTests
{
    [Fact]
    public void A_delay_of_the_BCL() => ComesHome(static () => Task.Delay(TimeSpan.FromMilliseconds(1)));

    [Fact]
    public void Work_on_the_pool() => ComesHome(static () => Task.Run(static () => Thread.Yield()));

    [Fact]
    public void A_source_that_another_thread_sets() => ComesHome(static () =>
    {
        var source = new TaskCompletionSource();
        new Thread(source.SetResult).Start();
        return source.Task;
    });

    [Fact]
    public void A_source_that_another_coroutine_sets() => ComesHome(static () =>
    {
        var source = new TaskCompletionSource();
        EventLoop.Current.Post(source.SetResult);
        return source.Task;
    });

    [Fact]
    public void A_request_of_HttpClient() => ComesHome(static async () =>
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Task answering = Task.Run(() => Answer(listener));
        using var client = new HttpClient();
        Assert.Equal("hello", await client.GetStringAsync(new Uri($"http://{listener.LocalEndPoint}/")));
        await answering;
    });

    [Fact]
    public void A_foreign_task_that_fails_throws_at_home() => OnLoop.Run(async () =>
    {
        await Assert.ThrowsAsync<InvalidTimeZoneException>(static async () =>
        {
            try
            {
                await Task.Run(static () => throw new InvalidTimeZoneException());
            }
            finally
            {
                Assert.True(EventLoop.Current.HasAccess);
            }
        });
    });

    [Fact]
    public async Task A_foreign_task_that_ends_after_the_loop_still_continues()
    {
        var source = new TaskCompletionSource();
        Task? flow = null;
        bool offLoop = false;
        OnLoop.Run(() =>
        {
            flow = FlowAsync();
            return Task.CompletedTask;
        });
        Assert.False(flow!.IsCompleted);
        source.SetResult();
        await flow.WaitAsync(OnLoop.HangBound);
        Assert.True(offLoop);

        async Task FlowAsync()
        {
            await source.Task;
            offLoop = EventLoop.CurrentOrNull is null;
        }
    }

    [Fact]
    public async Task Foreign_tasks_that_end_together_with_the_loop_are_not_lost()
    {
        for (int round = 0; round < 100; round++)
        {
            var source = new TaskCompletionSource();
            Task? flow = null;
            Thread? setter = null;
            OnLoop.Run(async () =>
            {
                flow = FlowAsync();
                setter = new Thread(source.SetResult);
                setter.Start();
                await Coroutine.YieldAsync();
            });
            await flow!.WaitAsync(OnLoop.HangBound);
            setter!.Join();

            async Task FlowAsync() => await source.Task;
        }
    }

    [Fact]
    public void A_cancelled_scope_does_not_cancel_a_foreign_task_but_its_token_does() => OnLoop.Run(async () =>
    {
        var source = new TaskCompletionSource();
        bool cameHome = false;
        CancelScope first = await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel();
            EventLoop.Current.Post(source.SetResult);
            await source.Task;
            cameHome = true;
        });
        Assert.True(cameHome);
        Assert.False(first.CancelledCaught);
        CancelScope second = await CancelScope.RunAsync(async scope =>
        {
            EventLoop.Current.Post(() => scope.Cancel());
            await Task.Delay(Timeout.InfiniteTimeSpan, scope.Token);
        });
        Assert.True(second.CancelledCaught);
    });

    /// <summary>Awaits <paramref name="foreign"/> in a child, inside a scope, and looks where it goes on.</summary>
    private static void ComesHome(Func<Task> foreign) => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        int thread = Environment.CurrentManagedThreadId;
        await TaskGroup.RunAsync(group =>
        {
            group.Spawn(
                () => CancelScope.RunAsync(async scope =>
                {
                    await foreign();
                    Assert.Equal(thread, Environment.CurrentManagedThreadId);
                    Assert.Same(loop, EventLoop.Current);
                    Assert.Equal("the child", Coroutine.Current!.Name);

                    // In the scope: cancelling it cancels the wait that follows.
                    loop.Post(() => scope.Cancel());
                    await Assert.ThrowsAnyAsync<OperationCanceledException>(
                        static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
                }),
                "the child");
            return Task.CompletedTask;
        });
    });

    private static void Answer(Socket listener)
    {
        using Socket connection = listener.Accept();
        byte[] buffer = new byte[4096];
        int received = 0;
        while (!buffer.AsSpan(0, received).EndsWith("\r\n\r\n"u8))
        {
            received += connection.Receive(buffer.AsSpan(received));
        }

        connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"u8);
        connection.Shutdown(SocketShutdown.Send);
    }
}
