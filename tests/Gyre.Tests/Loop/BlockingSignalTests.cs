using System.Net;
using Gyre.Net;

namespace Gyre.Tests;

/// <summary>Blocking waits for semaphores and events that only the blocked loop could signal. They throw.</summary>
public sealed class BlockingSignalTests
{
    private static readonly IPEndPoint s_anyPort = new(IPAddress.Loopback, 0);

    private static readonly BlockedLoop s_posted = BlockedLoop.Start(static _ =>
    {
        var semaphore = new SemaphoreSlim(0);
        EventLoop.Current.Post(() => semaphore.Release());
        return () => semaphore.Wait();
    });

    private static readonly BlockedLoop s_sleeping = BlockedLoop.Start(static async group =>
    {
        var signal = new ManualResetEventSlim();
        group.Spawn(async () =>
        {
            await Coroutine.SleepAsync(OnLoop.HangBound);
            signal.Set();
        });
        await OnLoop.TurnsAsync(2);
        return () => signal.Wait();
    });

    private static readonly BlockedLoop s_reading = BlockedLoop.Start(static async group =>
    {
        var semaphore = new SemaphoreSlim(0);
        TcpListener listener = TcpListener.Listen(s_anyPort);
        group.Spawn(async () =>
        {
            await using TcpListener own = listener;
            await using TcpConnection connection = await TcpConnection.ConnectAsync(own.LocalEndPoint);
            await connection.Input.ReadAsync();
            semaphore.Release();
        });
        await OnLoop.TurnsAsync(2);
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(50));
        return () => semaphore.Wait();
    });

    private static readonly BlockedLoop s_accepting = BlockedLoop.Start(static async group =>
    {
        var semaphore = new SemaphoreSlim(0);
        group.Spawn(async () =>
        {
            await using TcpListener listener = TcpListener.Listen(s_anyPort);
            await using TcpConnection connection = await listener.AcceptAsync();
            semaphore.Release();
        });
        await OnLoop.TurnsAsync(2);
        return () => semaphore.Wait();
    });

    private static readonly BlockedLoop s_afterAwait = BlockedLoop.Start(static async _ =>
    {
        // Resumed by a task of the BCL, the blocking call has the task's own methods further down its stack.
        await Task.Run(static () => Thread.Yield());
        var semaphore = new SemaphoreSlim(0);
        EventLoop.Current.Post(() => semaphore.Release());
        return () => semaphore.Wait();
    });

    private static readonly BlockedLoop s_whilePoolWorks = BlockedLoop.Start(static async group =>
    {
        EventLoop.Current.IsPoolIdle = static () => false;
        var semaphore = new SemaphoreSlim(0);
        group.Spawn(async () =>
        {
            await Coroutine.SleepAsync(OnLoop.HangBound);
            semaphore.Release();
        });
        await OnLoop.TurnsAsync(2);
        return () => semaphore.Wait();
    });

    private static readonly BlockedLoop s_connecting = BlockedLoop.Start(static async group =>
    {
        var semaphore = new SemaphoreSlim(0);
        TcpListener listener = TcpListener.Listen(s_anyPort);
        group.Spawn(async () =>
        {
            await using TcpListener own = listener;
            await using TcpConnection connection = await TcpConnection.ConnectAsync(own.LocalEndPoint);
            semaphore.Release();
        });
        await Coroutine.YieldAsync();
        return () => semaphore.Wait();
    });

    [Fact]
    public void A_semaphore_that_a_posted_callback_would_release() => s_posted.AssertRefused();

    [Fact]
    public void An_event_that_a_sleeping_coroutine_would_set() => s_sleeping.AssertRefused();

    [Fact]
    public void A_semaphore_that_a_coroutine_would_release_which_reads() => s_reading.AssertRefused();

    [Fact]
    public void A_semaphore_that_a_coroutine_would_release_which_accepts() => s_accepting.AssertRefused();

    [Fact]
    public void A_semaphore_that_a_coroutine_would_release_which_connects() => s_connecting.AssertRefused();

    [Fact]
    public void A_semaphore_that_a_sleeping_coroutine_would_release_while_the_pool_works() => s_whilePoolWorks.AssertRefused();

    [Fact]
    public void A_semaphore_waited_for_by_code_that_a_task_resumed() => s_afterAwait.AssertRefused();
}
