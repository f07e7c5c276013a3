using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gyre.Tests.Samples;

/// <summary>An upstream that shows the test each request, and answers when and what the test says.</summary>
internal sealed class HeldUpstream : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public HeldUpstream()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1000);
        Url = new Uri($"http://{_listener.LocalEndPoint}/");
    }

    public Uri Url { get; }

    /// <summary>The next request, once it has come whole.</summary>
    public async Task<HeldRequest> NextAsync()
    {
        Socket socket = await _listener.AcceptAsync().WaitAsync(OnLoop.HangBound);
        var text = new StringBuilder();
        byte[] piece = new byte[1000];
        while (!$"{text}".EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            int count = await socket.ReceiveAsync(piece).WaitAsync(OnLoop.HangBound);
            Assert.NotEqual(0, count);
            text.Append(Encoding.Latin1.GetString(piece, 0, count));
        }

        return new HeldRequest($"{text}", socket);
    }

    /// <summary>Whether somebody connects within <paramref name="time"/>.</summary>
    public bool HasAnother(TimeSpan time) => _listener.Poll(time, SelectMode.SelectRead);

    public void Dispose() => _listener.Dispose();
}
