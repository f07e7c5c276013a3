using System.Runtime.ExceptionServices;
using System.Text;
using Gyre.Diagnostics;

namespace Gyre.Tests;

/// <summary>
/// Runs an async body as the main coroutine of a loop, on a thread of its own and on the driver that <c>GYRE_DRIVER</c>
/// names. A body that hangs fails with what its coroutines wait for instead of blocking the run of the tests for ever.
/// </summary>
internal static class OnLoop
{
    /// <summary>Far more than any test needs on a loaded machine; it only bounds a hang.</summary>
    public static readonly TimeSpan HangBound = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_dumpBound = TimeSpan.FromSeconds(5);

    /// <summary>Options for tests: signals belong to the test host, and stalls are reported by the tests that provoke them.</summary>
    public static RuntimeOptions Options { get; } = new() { HandleSignals = false, StallThreshold = HangBound, Log = static _ => { } };

    public static RunOutcome Run(Func<Task> body, RuntimeOptions? options = null)
    {
        EventLoop? loop = null;
        CoroutineNode? main = null;
        RunOutcome outcome = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                outcome = GyreRuntime.Run(
                    () =>
                    {
                        main = Coroutine.Current;
                        loop = EventLoop.Current;
                        return body();
                    },
                    options ?? Options);
            }
#pragma warning disable CA1031 // Rethrown on the test's thread.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        {
            Name = "loop under test",
            IsBackground = true,
        };
        thread.Start();
        if (!thread.Join(HangBound))
        {
            Assert.Fail($"The body didn't end within {HangBound}.\n{Dump(loop, main)}");
        }

        failure?.Throw();
        return outcome;
    }

    public static T Run<T>(Func<Task<T>> body, RuntimeOptions? options = null)
    {
        T? result = default;
        Run(async () => { result = await body(); }, options);
        return result!;
    }

    /// <summary>Runs <paramref name="body"/> and returns what the run threw.</summary>
    public static TException Throws<TException>(Func<Task> body, RuntimeOptions? options = null)
        where TException : Exception =>
        Assert.Throws<TException>(() => { Run(body, options); });

    /// <summary>Lets <paramref name="turns"/> turns of the loop pass.</summary>
    public static async Task TurnsAsync(int turns)
    {
        for (int i = 0; i < turns; i++)
        {
            await Coroutine.YieldAsync();
        }
    }

    /// <summary>Gives way until <paramref name="condition"/> holds; the bound of the run ends it when it never does.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
        }
    }

    /// <summary>The tree of coroutines below <paramref name="node"/> and what each waits for. Loop thread.</summary>
    public static string DumpTree(CoroutineNode node)
    {
        var text = new StringBuilder();
        AppendTree(text, node, depth: 0);
        return text.ToString();
    }

    private static string Dump(EventLoop? loop, CoroutineNode? main)
    {
        if (loop is null || main is null)
        {
            return "The main coroutine never began.";
        }

        using var done = new ManualResetEventSlim();
        string text = "";
        loop.PostFromAnyThread(() =>
        {
            var waits = new List<WaitDescription>();
            loop.Root.CollectAllWaits(waits);
            text = $"{DumpTree(main)}All waits: {string.Join(", ", waits)}";
            done.Set();
        });
        return done.Wait(s_dumpBound) ? text : $"The loop doesn't turn; it is held by {loop.CurrentContext.Node?.ToString() ?? "a callback"}.";
    }

    private static void AppendTree(StringBuilder text, CoroutineNode node, int depth)
    {
        text.Append(' ', depth * 2).Append(node).Append(": ").Append(node.State).Append(", waits for ").AppendLine(node.DescribeWaits());
        foreach (CoroutineNode child in node.Children)
        {
            AppendTree(text, child, depth + 1);
        }
    }
}
