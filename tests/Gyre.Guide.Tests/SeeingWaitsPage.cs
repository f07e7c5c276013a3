using Gyre.Diagnostics;

namespace Gyre.Guide.Tests;

public sealed class SeeingWaitsPage() : GuidePage("seeing-waits.md")
{
    [Fact]
    public void A_tree() => Run("a-tree", async () =>
    {
        // <a-tree>
        void Print(CoroutineNode node, string indent = "")
        {
            Console.WriteLine($"{indent}{node.Name}: {node.State}, {node.DescribeWaits()}");
            foreach (CoroutineNode child in node.Children)
            {
                Print(child, indent + "  ");
            }
        }

        CoroutineNode me = Coroutine.Current!;
        me.Name = "program";
        await TaskGroup.RunAsync(async group =>
        {
            var order = new Future("the order");
            group.Spawn(async () => await order, "cook");
            group.Spawn(() => TaskGroup.RunAsync(kitchen =>
            {
                kitchen.Spawn(async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan), "oven");
                return Task.CompletedTask;
            }), "kitchen");
            await Coroutine.YieldAsync();
            await Coroutine.YieldAsync();
            EventLoop.Current.CallLater(TimeSpan.FromMilliseconds(1), () =>
            {
                Print(me);
                group.Cancel();
            });
        });
        // </a-tree>
    });

    [Fact]
    public void Flows() => Run("flows", async () =>
    {
        // <flows>
        await TaskGroup.RunAsync(async group =>
        {
            var left = new Future("left");
            var right = new Future("right");
            Coroutine both = group.Spawn(() => Task.WhenAll(Wait(left), Wait(right)), "both");
            await Coroutine.YieldAsync();

            var waits = new List<WaitDescription>();
            both.Node.CollectWaits(waits);
            foreach (WaitDescription wait in waits.OrderBy(wait => $"{wait.Subject}"))
            {
                Console.WriteLine($"{wait.Kind}: {wait.Subject}");
            }

            left.SetResult();
            right.SetResult();
        });

        static async Task Wait(Future future) => await future;
        // </flows>
    });

    [Fact]
    public void Foreign() => Run("foreign", async () =>
    {
        // <foreign>
        await TaskGroup.RunAsync(async group =>
        {
            var source = new TaskCompletionSource();
            Coroutine plain = group.Spawn(() => source.Task, "plain");
            Coroutine named = group.Spawn(async () => await source.Task.AsFuture("the upload"), "named");
            await Coroutine.YieldAsync();
            Console.WriteLine(plain.Node.DescribeWaits());
            Console.WriteLine(named.Node.DescribeWaits());
            source.SetResult();
        });
        // </foreign>
    });

    [Fact]
    public void Spawn_site() => Run("spawn-site", async () =>
    {
        // <spawn-site>
        await TaskGroup.RunAsync(group =>
        {
            Coroutine child = group.Spawn(() => Task.CompletedTask);
            Console.WriteLine(Path.GetFileName(child.Node.SpawnFile));
            Console.WriteLine(child.Node.Parent == Coroutine.Current);
            return Task.CompletedTask;
        });
        // </spawn-site>
    });
}
