using System.Runtime.CompilerServices;

namespace Gyre.Tests;

/// <summary>
/// A loop of its own whose main coroutine blocks. Cases of one class are started together, as its static fields, because each
/// takes as long as the guard's patience.
/// </summary>
internal sealed class BlockedLoop
{
    public const string CulpritName = "the culprit";

    private readonly Thread _thread;
    private Exception? _failure;
    private Exception? _thrown;
    private string _loopName = "";
    private long _counted;

    private BlockedLoop(Func<TaskGroup, Task<Action>> arrange)
    {
        _thread = new Thread(() =>
        {
            try
            {
                OnLoop.Run(() => TaskGroup.RunAsync(group => RunAsync(group, arrange)));
            }
#pragma warning disable CA1031 // Rethrown on the test's thread.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                _failure = failure;
            }
        })
        {
            IsBackground = true,
        };
    }

    /// <summary>Starts a loop. <paramref name="arrange"/> spawns what it needs into the group, and returns the call that blocks.</summary>
    public static BlockedLoop Start(Func<TaskGroup, Task<Action>> arrange)
    {
        var loop = new BlockedLoop(arrange);
        loop._thread.Start();
        return loop;
    }

    /// <summary>As the other overload, for what is arranged without waiting.</summary>
    public static BlockedLoop Start(Func<TaskGroup, Action> arrange) => Start(group => Task.FromResult(arrange(group)));

    /// <summary>The call threw, on the stack of who made it, and the message says who, where and what to do.</summary>
    public void AssertRefused()
    {
        End();
        var refusal = Assert.IsType<InvalidOperationException>(_thrown);
        Assert.Contains(CulpritName, refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"'{_loopName}'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Await it instead", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(Block), refusal.StackTrace, StringComparison.Ordinal);
    }

    /// <summary>The call returned, and was counted.</summary>
    public void AssertPassed()
    {
        End();
        Assert.Null(_thrown);
        Assert.True(_counted > 0, "The wait was not counted.");
    }

    private void End()
    {
        _thread.Join();
        Assert.Null(_failure);
    }

    private async Task RunAsync(TaskGroup group, Func<TaskGroup, Task<Action>> arrange)
    {
        EventLoop loop = EventLoop.Current;
        _loopName = loop.Name;
        Coroutine.Current!.Name = CulpritName;

        // The pool serves the other tests of this process at the same time, and rests for none of them.
        loop.IsPoolIdle = static () => true;
        Action call = await arrange(group);
        long before = loop.Statistics.BlockingWaits;
        Block(call);
        _counted = loop.Statistics.BlockingWaits - before;
        group.Cancel();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Block(Action call)
    {
        try
        {
            call();
        }
#pragma warning disable CA1031 // Looked at on the test's thread.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            _thrown = thrown;
        }
    }
}
