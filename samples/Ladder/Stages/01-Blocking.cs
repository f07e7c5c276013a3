using System.Net.Sockets;

namespace Gyre.Samples.Ladder;

/// <summary>
/// The server that everybody writes first: accept, find the handler, run it, and so on for ever. It reads like what it does.
/// While it waits for one client, for the upstream or for the clock, the thread is blocked and all other clients wait as well:
/// a hundred requests of 200 ms take twenty seconds, in which the machine has nothing to do.
/// </summary>
internal static class Blocking
{
    public static void Run(Setting setting)
    {
        using Socket listener = SocketListener.Listen(setting);
        while (!setting.Stop.IsCancellationRequested)
        {
            Handle(listener.Accept(), setting);
        }
    }

    public static void Handle(Socket client, Setting setting)
    {
        using (client)
        {
            try
            {
                if (Receive(client).Path is not { } path)
                {
                    return;
                }

                Response? response = Fetch(setting.UrlFor(path));
                Thread.Sleep(setting.Wait);
                client.Send(setting.Answer(path, response));
            }
            catch (SocketException)
            {
                // The client broke the connection; the next ones are served.
            }
        }
    }

    private static Response? Fetch(Uri url)
    {
        using var upstream = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            upstream.Connect(Http.EndPoint(url));
            upstream.Send(Http.Question(url));
            return Receive(upstream).Response;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static Message Receive(Socket socket)
    {
        var message = new Message();
        byte[] piece = new byte[1024];
        while (!message.Add(piece.AsSpan(0, socket.Receive(piece))))
        {
        }

        return message;
    }
}
