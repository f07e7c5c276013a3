using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Gyre.Tests;

/// <summary>Blocking waits on a loop's thread that others end. They last long, pass, and are counted.</summary>
public sealed class BlockingWaitPassTests
{
    private static readonly TimeSpan s_late = TimeSpan.FromSeconds(3);

    /// <summary>Longer than the guard's longest patience for a task while the pool rests: only structure tells these from hangs.</summary>
    private static readonly TimeSpan s_veryLate = TimeSpan.FromSeconds(6);

    private static readonly BlockedLoop s_computing = BlockedLoop.Start(static _ => static () => Task.Run(static () =>
    {
        long begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < s_late)
        {
            Thread.SpinWait(1000);
        }
    }).Wait());

    private static readonly BlockedLoop s_systemDelay = BlockedLoop.Start(static group =>
    {
        SpawnSleeper(group);
        return static () => Task.Delay(s_late).Wait();
    });

    private static readonly BlockedLoop s_thread = BlockedLoop.Start(static group =>
    {
        SpawnSleeper(group);
        return static () =>
        {
            var source = new TaskCompletionSource();
            Late(s_veryLate, source.SetResult);
            source.Task.Wait();
        };
    });

    private static readonly BlockedLoop s_sharedClosure = BlockedLoop.Start(static async group =>
    {
        var source = new TaskCompletionSource();
        int turns = 0;
        group.Spawn(async () =>
        {
            turns++;
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        });
        await OnLoop.TurnsAsync(2);
        Late(s_late, source.SetResult);
        return () => source.Task.Wait();
    });

    private static readonly BlockedLoop s_heldTask = BlockedLoop.Start(static async group =>
    {
        var ended = new TaskCompletionSource();
        Late(s_veryLate, ended.SetResult);
        Task task = ended.Task;
        SpawnReader(group, task);
        await OnLoop.TurnsAsync(2);
        return () => task.Wait();
    });

    private static readonly BlockedLoop s_otherThreadWaits = BlockedLoop.Start(static async group =>
    {
        EventLoop loop = EventLoop.Current;
        var other = new Thread(() => WaitForLoop(loop));
        other.Start();
        await OnLoop.TurnsAsync(2);
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(100));
        return () =>
        {
            Task.Run(static () => Thread.Sleep(s_late)).Wait();
        };
    });

    private static readonly BlockedLoop s_any = BlockedLoop.Start(static _ =>
    {
        Task own = OwnAsync();
        return () => Assert.Equal(1, Task.WaitAny(own, Task.Delay(s_late)));

        static async Task OwnAsync() => await Coroutine.SleepAsync(OnLoop.HangBound);
    });

    private static readonly BlockedLoop s_semaphore = BlockedLoop.Start(static _ =>
    {
        var semaphore = new SemaphoreSlim(0);
        EventLoop loop = EventLoop.Current;
        loop.IsPoolIdle = EventLoop.ThreadPoolIsIdle;
        loop.Post(static () => { });
        Task.Run(() =>
        {
            Thread.Sleep(s_late);
            semaphore.Release();
        });
        return () => semaphore.Wait();
    });

    private static readonly BlockedLoop s_monitor = BlockedLoop.Start(static _ =>
    {
        object gate = new();
        using var held = new ManualResetEventSlim();
        Late(TimeSpan.Zero, () =>
        {
            lock (gate)
            {
                held.Set();
                Thread.Sleep(s_late);
            }
        });
        held.Wait();
        EventLoop.Current.Post(static () => { });
        return () =>
        {
            lock (gate)
            {
            }
        };
    });

    private static readonly BlockedLoop s_lock = BlockedLoop.Start(static _ =>
    {
        Lock gate = new();
        using var held = new ManualResetEventSlim();
        Late(TimeSpan.Zero, () =>
        {
            lock (gate)
            {
                held.Set();
                Thread.Sleep(s_late);
            }
        });
        held.Wait();
        EventLoop.Current.Post(static () => { });
        return () =>
        {
            lock (gate)
            {
            }
        };
    });

    private static readonly BlockedLoop s_join = BlockedLoop.Start(static _ =>
    {
        EventLoop.Current.Post(static () => { });
        return static () => Late(s_late, static () => { }).Join();
    });

    private static readonly BlockedLoop s_socket = BlockedLoop.Start(static group =>
    {
        SpawnSleeper(group);
        return static () => Task.Run(ReadLateAsync).Wait();
    });

    [Fact]
    public void Work_on_the_pool() => s_computing.AssertPassed();

    [Fact]
    public void A_delay_on_the_systems_clock() => s_systemDelay.AssertPassed();

    [Fact]
    public void A_source_that_a_thread_sets() => s_thread.AssertPassed();

    [Fact]
    public void A_source_that_a_thread_sets_and_a_sibling_could_reach() => s_sharedClosure.AssertPassed();

    [Fact]
    public void A_source_whose_task_a_sibling_holds() => s_heldTask.AssertPassed();

    [Fact]
    public void Work_on_the_pool_while_another_thread_waits_for_this_loop() => s_otherThreadWaits.AssertPassed();

    [Fact]
    public void Any_of_many_tasks_of_which_one_is_not_the_loops() => s_any.AssertPassed();

    [Fact]
    public void A_semaphore_that_a_working_pool_releases() => s_semaphore.AssertPassed();

    [Fact]
    public void A_monitor_that_another_thread_holds() => s_monitor.AssertPassed();

    [Fact]
    public void A_lock_that_another_thread_holds() => s_lock.AssertPassed();

    [Fact]
    public void The_end_of_a_thread() => s_join.AssertPassed();

    [Fact]
    public void Bytes_from_a_socket_of_the_BCL() => s_socket.AssertPassed();

    private static Thread Late(TimeSpan delay, Action action)
    {
        var thread = new Thread(() =>
        {
            Thread.Sleep(delay);
            action();
        })
        {
            IsBackground = true,
        };
        thread.Start();
        return thread;
    }

    private static void SpawnSleeper(TaskGroup group) =>
        group.Spawn(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));

    private static void SpawnReader(TaskGroup group, Task task) => group.Spawn(async () =>
    {
        await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        await task;
    });

    /// <summary>From outside, which may block; what it waits for is parked until the blocked loop goes on.</summary>
    private static void WaitForLoop(EventLoop loop) =>
        loop.InvokeAsync(static async () => await Coroutine.SleepAsync(TimeSpan.FromSeconds(1))).Wait();

    private static async Task ReadLateAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!);
        using Socket server = await listener.AcceptAsync();
        Late(s_late, () => client.Send("x"u8));
        Assert.Equal(1, await server.ReceiveAsync(new byte[1]));
    }
}
