using System.Net;
using System.Text;
using Gyre.Net;

namespace Gyre.Bench.Ladder;

/// <summary>The upstream of the measured server: answers each request at once, or, when it is told to hold, when it is released.</summary>
internal sealed class HoldingUpstream
{
    private static readonly byte[] s_answer = Encoding.Latin1.GetBytes(
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");

    private Future? _release;
    private int _held;
    private int _heldAwaited;
    private Future? _heldAll;

    public async Task ServeAsync(TaskGroup group, Action<IPEndPoint> onReady)
    {
        await using TcpListener listener = TcpListener.Listen(
            new IPEndPoint(IPAddress.Loopback, 0), new TcpListenerOptions { Backlog = Wire.Backlog });
        onReady(listener.LocalEndPoint);
        while (true)
        {
            TcpConnection connection = await listener.AcceptAsync();
            group.Spawn(() => AnswerAsync(connection), "upstream");
        }
    }

    /// <summary>From here on requests are held.</summary>
    /// <returns>Done when so many are.</returns>
    public Future Hold(int count)
    {
        (_release, _held, _heldAwaited) = (new Future("release"), 0, count);
        return _heldAll = new Future("all are held");
    }

    public void Release()
    {
        _release?.SetResult();
        _release = null;
    }

    private async Task AnswerAsync(TcpConnection connection)
    {
        await using (connection)
        {
            await Wire.ReadToBlankLineAsync(connection);
            if (_release is { } release)
            {
                if (++_held == _heldAwaited)
                {
                    _heldAll!.SetResult();
                }

                await release;
            }

            await connection.Output.WriteAsync(s_answer);
        }
    }
}
