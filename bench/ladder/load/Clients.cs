using System.Net;
using System.Net.Sockets;
using System.Text;
using Gyre.Net;

namespace Gyre.Bench.Ladder;

/// <summary>The clients of the measured server; each request has a connection of its own.</summary>
internal sealed class Clients(int port)
{
    private static readonly byte[] s_request = Encoding.Latin1.GetBytes("GET /load HTTP/1.1\r\nHost: ladder\r\nConnection: close\r\n\r\n");
    private readonly IPEndPoint _server = new(IPAddress.Loopback, port);

    public long Answered { get; private set; }

    /// <summary>Requests that failed, or were answered with anything else than they should be.</summary>
    public long Failed { get; private set; }

    /// <summary>So many requests at once.</summary>
    public Task BurstAsync(int count) => TaskGroup.RunAsync(group =>
    {
        for (int i = 0; i < count; i++)
        {
            group.Spawn(AskAsync, "client");
        }

        return Task.CompletedTask;
    });

    /// <summary>So many clients, each of which asks again as soon as it is answered, until the time is over; all come home.</summary>
    public Task LoadAsync(int clients, TimeSpan time) => TaskGroup.RunAsync(group =>
    {
        TimeSpan end = EventLoop.Current.Time + time;
        for (int i = 0; i < clients; i++)
        {
            group.Spawn(() => AskUntilAsync(end), "client");
        }

        return Task.CompletedTask;
    });

    private async Task AskUntilAsync(TimeSpan end)
    {
        do
        {
            await AskAsync();
        }
        while (EventLoop.Current.Time < end);
    }

    private async Task AskAsync()
    {
        try
        {
            await using TcpConnection connection = await TcpConnection.ConnectAsync(_server);
            await connection.Output.WriteAsync(s_request);
            string answer = await Wire.ReadToEndAsync(connection);
            bool isRight = answer.StartsWith("HTTP/1.1 200 OK\r\n", StringComparison.Ordinal)
                && answer.EndsWith("/load was asked for, and the upstream says: hello\n", StringComparison.Ordinal);
            (Answered, Failed) = isRight ? (Answered + 1, Failed) : (Answered, Failed + 1);
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            Failed++;
        }
    }
}
