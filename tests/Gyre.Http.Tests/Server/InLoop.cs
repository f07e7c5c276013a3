using System.Net;
using Gyre.Net;
using Gyre.Simulation;

namespace Gyre.Http.Tests.Server;

/// <summary>A server and its clients together on one loop, so that the loop's clock is the only one.</summary>
internal static class InLoop
{
    /// <summary>Enough to meet each order of a handful of events.</summary>
    private const int Seeds = 10;

    /// <summary>Serves while <paramref name="test"/> runs, then verifies that the server ended well and left nothing.</summary>
    public static Task RunAsync(HttpServer server, Func<IPEndPoint, Task> test) => RunMainAsync(() => ServeAsync(server, test));

    /// <summary>The same in a simulated world for each of some seeds, in virtual time: hours cost nothing, and every run can be replayed.</summary>
    public static void Simulate(HttpServer server, Func<IPEndPoint, Task> test)
    {
        for (int seed = 1; seed <= Seeds; seed++)
        {
            try
            {
                SimulatedRuntime.Run(seed, () => ServeAsync(server, test));
            }
            catch (Exception failure)
            {
                Assert.Fail($"With seed {seed}: {failure}");
            }
        }
    }

    /// <summary>Runs <paramref name="main"/> on a loop of a thread of its own.</summary>
    public static Task RunMainAsync(Func<Task> main, int loops = 1)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                GyreRuntime.Run(main, new RuntimeOptions { Loops = loops, HandleSignals = false });
                done.SetResult();
            }
#pragma warning disable CA1031 // Rethrown to the test.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                done.SetException(failure);
            }
        })
        {
            IsBackground = true,
            Name = "test loop",
        };
        thread.Start();
        return done.Task.OrFail();
    }

    public static async Task<HttpPeer> ConnectAsync(IPEndPoint endPoint) =>
        new((await TcpConnection.ConnectAsync(endPoint)).AsStream());

    /// <summary>Serves while <paramref name="test"/> runs; for a main of one's own.</summary>
    public static async Task ServeAsync(HttpServer server, Func<IPEndPoint, Task> test)
    {
        await TaskGroup.RunAsync(async group =>
        {
            var ready = new TaskCompletionSource<IPEndPoint>();
            group.Spawn(() => server.ServeAsync("http://127.0.0.1:0", ready.SetResult), "server");
            await test(await ready.Task);
            group.Cancel("the test is over");
        });
        await Leftovers.VerifyNoneAsync();
    }
}
