using System.Net.Sockets;
using System.Text;

namespace Gyre.Tests.Samples;

/// <summary>A request that an upstream under the test's control has got and not yet answered.</summary>
internal sealed class HeldRequest(string text, Socket socket)
{
    public string Path { get; } = text.Split(' ')[1];

    public Task AnswerAsync(string body) =>
        AnswerRawAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");

    /// <summary>Sends these bytes and ends the connection.</summary>
    public async Task AnswerRawAsync(string answer)
    {
        using (socket)
        {
            await socket.SendAsync(Encoding.Latin1.GetBytes(answer)).WaitAsync(OnLoop.HangBound);
        }
    }

    /// <summary>Breaks the connection instead of answering.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }
}
