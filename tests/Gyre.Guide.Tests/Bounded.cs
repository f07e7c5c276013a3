using System.Runtime.ExceptionServices;

namespace Gyre.Guide.Tests;

/// <summary>Runs code on a thread of its own, so that what hangs fails instead of holding up the tests.</summary>
internal static class Bounded
{
    /// <summary>Far more than any snippet needs on a loaded machine; it only bounds a hang.</summary>
    private static readonly TimeSpan s_hangBound = TimeSpan.FromSeconds(60);

    /// <summary>Runs <paramref name="body"/> as the main coroutine of a run.</summary>
    public static void Run(Func<Task> body) => Run(() => { GyreRuntime.Run(body, new RuntimeOptions { HandleSignals = false }); });

    /// <summary>Runs <paramref name="body"/> off any loop.</summary>
    public static void Run(Action body)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                body();
            }
#pragma warning disable CA1031 // Rethrown on the test's thread.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        {
            IsBackground = true,
        };
        thread.Start();
        Assert.True(thread.Join(s_hangBound), $"The code didn't end within {s_hangBound}.");
        failure?.Throw();
    }
}
