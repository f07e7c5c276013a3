using System.Globalization;
using System.Net;
using System.Text;
using Gyre.Drivers;
using Gyre.Net;

namespace Gyre.ChildProgram;

/// <summary>A server that answers each connection with its own process number, and gets its listener in one way or another.</summary>
internal static class ListenerRun
{
    /// <summary>Opens a listener, offers it, and ends when another process has taken over and every connection is answered.</summary>
    public static int Offer(string path)
    {
        GyreRuntime.Run(async () =>
        {
            await using TcpListener listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
            Console.WriteLine(listener.LocalEndPoint);
            await ServeAsync(listener, () => HandOverAsync(listener, path));
        });
        Console.WriteLine("ended");
        return 0;
    }

    /// <summary>Takes the listener over, and serves until it is killed.</summary>
    public static int Take(string path)
    {
        GyreRuntime.Run(async () =>
        {
            using TakenListeners taken = (await ListenerHandOff.TakeAsync(path))!;
            await using TcpListener listener = TcpListener.Adopt(taken.Listeners[0]);
            await ServeAsync(listener, async () =>
            {
                Console.WriteLine(await taken.ReadyAsync() ? "ready" : "alone");
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            });
        });
        return 0;
    }

    /// <summary>Takes the listener and ends without a word.</summary>
    public static int TakeAndDie(string path)
    {
        GyreRuntime.Run(async () =>
        {
            TakenListeners? taken = await ListenerHandOff.TakeAsync(path);
            Console.WriteLine(taken!.Listeners.Count);
            Environment.Exit(7);
        });
        return 0;
    }

    /// <summary>Serves what it inherited; ends when it is told to by its input.</summary>
    public static int Inherit()
    {
        GyreRuntime.Run(async () =>
        {
            IReadOnlyList<ListenerHandle> inherited = InheritedListeners.Take();
            ListenerHandle only = inherited.Single();
            Console.WriteLine($"{only.Name} {Environment.GetEnvironmentVariable("LISTEN_FDS") ?? "removed"}");
            await using TcpListener listener = TcpListener.Adopt(only);
            await ServeAsync(listener, static () => Offload.RunAsync(Console.In.ReadLine));
        });
        Console.WriteLine("ended");
        return 0;
    }

    private static async Task HandOverAsync(TcpListener listener, string path)
    {
        using ListenerHandle handle = listener.DuplicateHandle("http");
        var options = new ListenerHandOffOptions { OnRefused = static reason => Console.WriteLine($"refused: {reason.Message}") };
        await ListenerHandOff.OfferAsync(path, [handle], options);
    }

    /// <summary>Answers connections until <paramref name="end"/> has ended; then those that are there already, and no more.</summary>
    private static Task ServeAsync(TcpListener listener, Func<Task> end) => TaskGroup.RunAsync(async group =>
    {
        group.Spawn(async () =>
        {
            await end();
            await listener.StopAcceptingAsync();
        });
        byte[] answer = Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        try
        {
            while (true)
            {
                TcpConnection connection = await listener.AcceptAsync();
                group.Spawn(() => AnswerAsync(connection, answer));
            }
        }
        catch (ListenerStoppedException)
        {
            // The regular end: what is being answered is waited for by the group.
        }
    });

    private static async Task AnswerAsync(TcpConnection connection, byte[] answer)
    {
        await using (connection)
        {
            await connection.Input.ReadAtLeastAsync(1);
            await connection.Output.WriteAsync(answer);
        }
    }
}
