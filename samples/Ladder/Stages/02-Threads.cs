using System.Net.Sockets;

namespace Gyre.Samples.Ladder;

/// <summary>
/// A thread for each request: the handler is the blocking one, word for word, and a hundred requests wait side by side. The price
/// is a thread for everybody who waits: its stack, its start and its end, and the system that switches between them. And whatever
/// handlers share needs a lock from here on.
/// </summary>
internal static class Threads
{
    public static void Run(Setting setting)
    {
        using Socket listener = SocketListener.Listen(setting);
        while (!setting.Stop.IsCancellationRequested)
        {
            Socket client = listener.Accept();
            new Thread(() => Blocking.Handle(client, setting)) { IsBackground = true, Name = "request" }.Start();
        }
    }
}
