using System.IO.Pipelines;
using System.Net;
using System.Text.RegularExpressions;
using Gyre.Diagnostics;
using Gyre.Generators;
using Gyre.Net;

namespace Gyre.Tests;

public sealed class SnapshotTests
{
    [Fact]
    public void The_tree_shows_every_scope_and_what_its_flows_wait_for() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        var future = new Future<int>("the answer");
        var foreign = new TaskCompletionSource();
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () => await pair.Server.Input.ReadAsync(), "reader");
            group.Spawn(async () => await listener.AcceptAsync(), "acceptor");
            group.Spawn(async () => await future, "asker");
            Coroutine sleeper = group.Spawn(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan), "sleeper");
            group.Spawn(async () => await sleeper, "joiner");
            group.Spawn(() => foreign.Task, "stranger");
            group.Spawn(Iterate(future), "iterator");
            group.Spawn(static () => TaskGroup.RunAsync(static inner =>
            {
                inner.Spawn(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan), "grandchild");
                return Task.CompletedTask;
            }), "parent");
            await OnLoop.TurnsAsync(5);

            ScopeSnapshot snapshot = EventLoop.Current.Snapshot();

            foreign.SetResult();
            future.SetResult(1);
            group.Cancel();
            Assert.Equal(ScopeKind.Loop, snapshot.Kind);
            ScopeSnapshot main = Assert.Single(snapshot.Children);
            Assert.Equal("main", main.Name);
            Assert.Equal("runs", main.Activity);
            ScopeSnapshot shown = Assert.Single(main.Children);
            Assert.Equal(ScopeKind.Group, shown.Kind);
            Assert.Equal(
                ["reader", "acceptor", "asker", "sleeper", "joiner", "stranger", "iterator", "parent"], shown.Children.Select(static child => child.Name));
            Assert.Equal(
                [WaitKind.Receive, WaitKind.Accept, WaitKind.Future, WaitKind.Timer, WaitKind.Coroutine],
                shown.Children.Take(5).Select(static child => Assert.Single(child.Waits).Kind));
            Assert.Equal("the answer", shown.Children[2].Waits[0].Subject);
            Assert.StartsWith("sleeper (spawned at SnapshotTests.cs:", shown.Children[4].Waits[0].Subject, StringComparison.Ordinal);
            Assert.Empty(shown.Children[5].Waits);
            Assert.Equal("awaits a foreign task", shown.Children[5].Activity);
            Assert.Equal(WaitKind.Future, Assert.Single(shown.Children[6].Waits).Kind);
            ScopeSnapshot inner = Assert.Single(shown.Children[7].Children);
            Assert.Equal(WaitKind.Children, Assert.Single(inner.Waits).Kind);
            Assert.Equal("grandchild", Assert.Single(inner.Children).Name);
            Assert.All(shown.Children, static child =>
            {
                Assert.Equal(CoroutineState.Started, child.State);
                Assert.EndsWith("SnapshotTests.cs", child.SpawnFile, StringComparison.Ordinal);
                Assert.InRange(child.Age!.Value, TimeSpan.Zero, OnLoop.HangBound);
            });
            Assert.Equal(13, snapshot.All().Count());
        });

        static IEnumerable<Yieldable> Iterate(Future<int> future)
        {
            yield return future;
        }
    });

    [Fact]
    public void It_prints_as_an_indented_tree() => OnLoop.Run(async () =>
    {
        await CancelScope.RunAsync(static async scope =>
        {
            scope.Shield = true;
            await TaskGroup.RunAsync(static async group =>
            {
                group.Spawn(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan), "worker");
                await OnLoop.TurnsAsync(2);
                group.Cancel("enough");
                string text = Regex.Replace(EventLoop.Current.Snapshot().ToString(), @"[0-9.]+ s old", "? s old").ReplaceLineEndings("\n");
                text = Regex.Replace(text, @"cs:\d+", "cs:?");
                Assert.Equal(
                    """
                    loop loop-0
                      main: Started, ? s old, runs
                        scope, shielded
                          group, cancelled: enough
                            worker (SnapshotTests.cs:?): Started, ? s old, cancelled, is ready

                    """,
                    text,
                    ignoreLineEndingDifferences: true);
            });
        });
    });

    [Fact]
    public void A_deadline_is_shown_and_what_has_ended_is_not() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        await group.Spawn(static () => Task.CompletedTask, "ended");
        await CancelScope.MoveOnAfterAsync(TimeSpan.FromHours(1), scope =>
        {
            ScopeSnapshot snapshot = EventLoop.Current.Snapshot();
            Assert.DoesNotContain(snapshot.All(), static shown => shown.Name == "ended");
            Assert.Equal(scope.Deadline, Assert.Single(snapshot.All(), static shown => shown.Kind == ScopeKind.Scope).Deadline);
            return Task.CompletedTask;
        });
    }));

    [Fact]
    public void Ten_thousand_nested_scopes_are_shown_without_the_threads_stack() => OnLoop.Run(async () =>
    {
        const int depth = 10_000;
        int shown = 0;
        await NestAsync(depth);
        Assert.Equal(depth + 2, shown);

        async Task NestAsync(int left) => await CancelScope.RunAsync(async _ =>
        {
            await Coroutine.YieldAsync();
            if (left > 1)
            {
                await NestAsync(left - 1);
            }
            else
            {
                ScopeSnapshot snapshot = EventLoop.Current.Snapshot();
                shown = snapshot.All().Count();
                Assert.NotEmpty(snapshot.ToString());
            }
        });
    });
}
