using System.Net;
using Gyre.Diagnostics;
using Gyre.Net;

namespace Gyre.Tests;

/// <summary>The node that every coroutine is: names, spawn sites, parents, children and what each waits for.</summary>
public sealed class CoroutineTreeTests
{
    [Fact]
    public void A_name_is_given_or_a_number_and_the_spawn_site_is_known() => OnLoop.Run(() => TaskGroup.RunAsync(static group =>
    {
        Coroutine named = group.Spawn(static () => Task.CompletedTask, "worker");
        Coroutine numbered = group.Spawn(static () => Task.CompletedTask);
        Assert.Equal("worker", named.Name);
        Assert.Equal($"coroutine-{numbered.Node.Id}", numbered.Name);
        Assert.Equal(named.Node.Id + 1, numbered.Node.Id);
        Assert.EndsWith("CoroutineTreeTests.cs", named.Node.SpawnFile, StringComparison.Ordinal);
        Assert.Equal(named.Node.SpawnLine + 1, numbered.Node.SpawnLine);
        Assert.Equal($"worker (spawned at CoroutineTreeTests.cs:{named.Node.SpawnLine})", named.ToString());
        named.Name = "renamed";
        Assert.Equal("renamed", named.Name);
        return Task.CompletedTask;
    }));

    [Fact]
    public void Parents_and_children_are_kept_current() => OnLoop.Run(async () =>
    {
        CoroutineNode main = Coroutine.Current!;
        Assert.Null(main.Parent);
        Assert.Empty(main.Children);
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine[] children = [.. Enumerable.Range(0, 3).Select(_ =>
                group.Spawn(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan)))];
            Assert.All(children, child => Assert.Same(main, child.Node.Parent));
            Assert.Equal(children.Reverse().Select(static child => child.Node), main.Children);
            await Coroutine.YieldAsync();
            children[1].Cancel();
            await OnLoop.TurnsAsync(2);
            Assert.Equal([children[2].Node, children[0].Node], main.Children);
            children[2].Cancel();
            await OnLoop.TurnsAsync(2);
            Assert.Equal([children[0].Node], main.Children);
            children[0].Cancel();
        });
        Assert.Empty(main.Children);
    });

    [Fact]
    public void Current_is_the_coroutine_that_runs() => OnLoop.Run(async () =>
    {
        CoroutineNode main = Coroutine.Current!;
        CoroutineNode? callback = null;
        CoroutineNode? foreignThread = main;
        EventLoop.Current.Post(() => callback = Coroutine.Current);
        await TaskGroup.RunAsync(group =>
        {
            Coroutine? child = null;
            child = group.Spawn(async () =>
            {
                Assert.Same(child!.Node, Coroutine.Current);
                await Coroutine.YieldAsync();
                Assert.Same(child.Node, Coroutine.Current);
            });
            return Task.CompletedTask;
        });
        await Task.Run(() => foreignThread = Coroutine.Current);
        Assert.Same(main, callback);
        Assert.Null(foreignThread);
    });

    [Fact]
    public void What_a_coroutine_waits_for_is_listed_for_each_of_its_flows() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        await using Pair pair = await Pair.ConnectAsync();
        Coroutine sleeper = group.Spawn(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan), "sleeper");
        Coroutine busy = group.Spawn(() => Task.WhenAll(
            AcceptAsync(), ReadAsync(), CancelScope.RunAsync(async _ => await sleeper.WaitAsync())));
        Coroutine parent = group.Spawn(static () => TaskGroup.RunAsync(static inner =>
        {
            inner.Spawn(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
            return Task.CompletedTask;
        }));
        await OnLoop.TurnsAsync(3);
        Assert.Equal([WaitKind.Timer], KindsOf(sleeper));
        Assert.Equal([WaitKind.Receive, WaitKind.Accept, WaitKind.Coroutine], KindsOf(busy).Order());
        Assert.Equal([WaitKind.Children], KindsOf(parent));
        Assert.Contains($"Accept on TcpListener {listener.LocalEndPoint}", busy.Node.DescribeWaits(), StringComparison.Ordinal);
        string receive = $"Receive on TcpConnection {pair.Server.LocalEndPoint} → {pair.Client.LocalEndPoint}";
        Assert.Contains(receive, busy.Node.DescribeWaits(), StringComparison.Ordinal);
        Assert.Contains("Coroutine on sleeper", busy.Node.DescribeWaits(), StringComparison.Ordinal);
        Assert.Contains("with 1 running child", parent.Node.DescribeWaits(), StringComparison.Ordinal);
        group.Cancel();
        await CancelScope.RunAsync(async shielded =>
        {
            shielded.Shield = true;
            await OnLoop.UntilAsync(() => busy.IsDone && parent.IsDone);
            Assert.Empty(KindsOf(busy));
        });

        async Task AcceptAsync() => await listener.AcceptAsync();

        async Task ReadAsync() => await pair.Server.Input.ReadAsync();
    }));

    [Fact]
    public void A_coroutine_that_awaits_a_foreign_task_waits_for_nothing_of_Gyres() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        var source = new TaskCompletionSource();
        Coroutine child = group.Spawn(() => source.Task);
        await Coroutine.YieldAsync();
        Assert.Contains("foreign task", child.Node.DescribeWaits(), StringComparison.Ordinal);
        source.SetResult();
    }));

    [Fact]
    public void States_follow_the_life() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        Coroutine child = group.Spawn(static async () => await Coroutine.YieldAsync());
        Assert.Equal(CoroutineState.Created, child.Node.State);
        Assert.False(child.IsDone);
        await Coroutine.YieldAsync();
        Assert.Equal(CoroutineState.Started, child.Node.State);
        await child.WaitAsync();
        Assert.Equal(CoroutineState.Succeeded, child.Node.State);
        Assert.True(child.IsDone);
        Assert.Null(child.Failure);
    }));

    private static IEnumerable<WaitKind> KindsOf(Coroutine coroutine)
    {
        var waits = new List<WaitDescription>();
        coroutine.Node.CollectWaits(waits);
        return waits.Select(static wait => wait.Kind);
    }
}
