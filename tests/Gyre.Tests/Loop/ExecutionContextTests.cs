namespace Gyre.Tests;

/// <summary><see cref="AsyncLocal{T}"/> flows as .NET users expect of any queue, and doesn't leak from one callback to the next.</summary>
public sealed class ExecutionContextTests
{
    private static readonly AsyncLocal<string?> s_local = new();

    [Fact]
    public void It_flows_into_a_post_as_it_was_when_posted() => OnLoop.Run(async () =>
    {
        string? seen = null;
        s_local.Value = "posted";
        EventLoop.Current.Post(() => seen = s_local.Value);
        s_local.Value = "later";
        await OnLoop.TurnsAsync(2);
        Assert.Equal("posted", seen);
        Assert.Equal("later", s_local.Value);
    });

    [Fact]
    public void It_flows_into_a_post_from_another_thread() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        string? seen = null;
        await Task.Run(() =>
        {
            s_local.Value = "pool";
            loop.PostFromAnyThread(() => seen = s_local.Value);
        });
        await OnLoop.UntilAsync(() => seen is not null);
        Assert.Equal("pool", seen);
        Assert.Null(s_local.Value);
    });

    [Fact]
    public void It_flows_into_a_timer() => OnLoop.Run(async () =>
    {
        string? seen = null;
        s_local.Value = "scheduled";
        EventLoop.Current.CallLater(TimeSpan.Zero, () => seen = s_local.Value);
        s_local.Value = null;
        await OnLoop.UntilAsync(() => seen is not null);
        Assert.Equal("scheduled", seen);
    });

    [Fact]
    public void It_flows_into_a_spawn_and_what_the_child_sets_stays_there() => OnLoop.Run(async () =>
    {
        string?[] seen = new string?[2];
        s_local.Value = "parent";
        await TaskGroup.RunAsync(group =>
        {
            group.Spawn(() =>
            {
                seen[0] = s_local.Value;
                s_local.Value = "child";
                return Task.CompletedTask;
            });
            group.SpawnNow(() =>
            {
                seen[1] = s_local.Value;
                s_local.Value = "other child";
                return Task.CompletedTask;
            });
            Assert.Equal("parent", s_local.Value);
            return Task.CompletedTask;
        });
        Assert.Equal(["parent", "parent"], seen);
        Assert.Equal("parent", s_local.Value);
    });

    [Fact]
    public void It_is_kept_across_every_kind_of_wait() => OnLoop.Run(async () =>
    {
        s_local.Value = "kept";
        await Coroutine.YieldAsync();
        Assert.Equal("kept", s_local.Value);
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
        Assert.Equal("kept", s_local.Value);
        await Coroutine.YieldAsync().ConfigureAwait(false);
        Assert.Equal("kept", s_local.Value);
        await Task.Run(static () => s_local.Value = "of the pool");
        Assert.Equal("kept", s_local.Value);
    });

    [Fact]
    public void It_does_not_leak_from_one_callback_to_the_next() => OnLoop.Run(async () =>
    {
        string? seen = "not run";
        EventLoop loop = EventLoop.Current;
        var context = SynchronizationContext.Current!;
        loop.Post(static () => s_local.Value = "leak of a post");
        loop.Post(() => seen = s_local.Value);
        await OnLoop.TurnsAsync(2);
        Assert.Null(seen);
        context.Post(static _ => s_local.Value = "leak of a context post", null);
        context.Post(_ => seen = s_local.Value ?? "none", null);
        await OnLoop.TurnsAsync(2);
        Assert.Equal("none", seen);
    });

    [Fact]
    public void It_flows_through_the_context_as_through_any_other() => OnLoop.Run(async () =>
    {
        string? seen = null;
        s_local.Value = "poster";
        SynchronizationContext.Current!.Post(_ => seen = s_local.Value, null);
        s_local.Value = null;
        await OnLoop.TurnsAsync(2);
        Assert.Equal("poster", seen);
    });

    [Fact]
    public void Suppressed_flow_is_respected() => OnLoop.Run(async () =>
    {
        string? seen = "not run";
        s_local.Value = "suppressed";
        using (ExecutionContext.SuppressFlow())
        {
            EventLoop.Current.Post(() => seen = s_local.Value);
        }

        await OnLoop.TurnsAsync(2);
        Assert.Null(seen);
    });
}
