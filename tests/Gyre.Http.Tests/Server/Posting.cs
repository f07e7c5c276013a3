using System.Globalization;

namespace Gyre.Http.Tests.Server;

/// <summary>Requests with a body.</summary>
internal static class Posting
{
    /// <summary>Sends a request with a length and reads the answer, while the body may still be on its way.</summary>
    public static async Task<Answer> PostAsync(this HttpPeer peer, string path, string? contentType, byte[] body)
    {
        string header = contentType is null ? "" : $"Content-Type: {contentType}\r\n";
        await peer.SendAsync(string.Create(
            CultureInfo.InvariantCulture, $"POST {path} HTTP/1.1\r\nHost: a\r\n{header}Content-Length: {body.Length}\r\n\r\n"));
        Task sending = peer.SendAsFarAsPossibleAsync(body);
        Answer answer = await peer.ReceiveAsync();
        await sending;
        return answer;
    }
}
