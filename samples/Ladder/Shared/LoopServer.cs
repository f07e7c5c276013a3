using Gyre.Net;

namespace Gyre.Samples.Ladder;

/// <summary>The listening of the stages that run on Gyre: a loop that accepts, and hands each connection to the stage.</summary>
internal static class LoopServer
{
    /// <summary>For the stages whose handlers are driven by something of their own.</summary>
    public static void Run(Setting setting, Action<TcpConnection> handler) => Run(setting, (_, connection) => handler(connection));

    /// <summary>For the stages whose handlers Gyre drives, each as a coroutine.</summary>
    public static void Run(Setting setting, Func<TcpConnection, Task> handler) =>
        Run(setting, (group, connection) => group.Spawn(() => handler(connection), "request"));

    private static void Run(Setting setting, Action<TaskGroup, TcpConnection> handler) => GyreRuntime.Run(
        () => CancelScope.RunAsync(_ => TaskGroup.RunAsync(group => AcceptAsync(setting, group, handler)), setting.Stop),
        setting.Options);

    private static async Task AcceptAsync(Setting setting, TaskGroup group, Action<TaskGroup, TcpConnection> handler)
    {
        await using TcpListener listener = TcpListener.Listen(setting.EndPoint);
        setting.OnReady(listener.LocalEndPoint);
        while (true)
        {
            handler(group, await listener.AcceptAsync());
        }
    }
}
