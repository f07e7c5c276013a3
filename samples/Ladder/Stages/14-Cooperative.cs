using Gyre.Net;

namespace Gyre.Samples.Ladder;

/// <summary>
/// gevent's way: the blocking handler of the second stage, nearly word for word, on a thread for each request. But only one of
/// these threads, or the loop, runs at a time; where one waits it hands the turn on, so that what handlers share needs no lock, and
/// any blocking library can be used over the loop's connections. The price is a thread's stack for each that waits, again, and
/// two switches of threads for each wait.
/// </summary>
internal static class Cooperative
{
    public static void Run(Setting setting) => LoopServer.Run(setting, client => CooperativeThread.Run(() => Handle(client, setting)));

    private static void Handle(TcpConnection client, Setting setting)
    {
        using Stream stream = client.AsStream();
        try
        {
            if (Receive(stream).Path is not { } path)
            {
                return;
            }

            Response? response = Fetch(setting.UrlFor(path));
            CooperativeThread.Sleep(setting.Wait);
            stream.Write(setting.Answer(path, response));
        }
        catch (IOException)
        {
            // The client broke the connection; the others are served.
        }
    }

    private static Response? Fetch(Uri url)
    {
        try
        {
            return Client.Request(url).Wait();
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static Message Receive(Stream stream)
    {
        var message = new Message();
        byte[] piece = new byte[1024];
        while (!message.Add(piece.AsSpan(0, stream.Read(piece))))
        {
        }

        return message;
    }
}
