using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gyre.Samples.Ladder;

/// <summary>The upstream that the sample starts when it is given none: one thread, which answers each request at once.</summary>
internal static class Upstream
{
    private const int Backlog = 4096;

    /// <summary>Whoever connects and then says nothing would keep the others waiting.</summary>
    private const int SilenceMaxMilliseconds = 2000;

    public static Uri Start()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(Backlog);
        new Thread(() => Serve(listener)) { IsBackground = true, Name = "upstream" }.Start();
        return new Uri($"http://{listener.LocalEndPoint}/");
    }

    private static void Serve(Socket listener)
    {
        while (true)
        {
            using Socket client = listener.Accept();
            client.ReceiveTimeout = SilenceMaxMilliseconds;
            try
            {
                Answer(client);
            }
            catch (SocketException)
            {
                // Gone, or silent; the next may have more to say.
            }
        }
    }

    private static void Answer(Socket client)
    {
        var request = new Message();
        byte[] piece = new byte[1024];
        while (!request.Add(piece.AsSpan(0, client.Receive(piece))))
        {
        }

        string body = $"hello, {request.Path}";
        client.Send(Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
    }
}
