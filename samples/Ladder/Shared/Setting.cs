using System.Net;
using System.Text;

namespace Gyre.Samples.Ladder;

/// <summary>All that a stage is told, and the text that every stage answers.</summary>
public sealed record Setting
{
    /// <summary>Where to listen; port 0 lets the system pick one.</summary>
    public IPEndPoint EndPoint { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Who is asked; its host is an address.</summary>
    public required Uri Upstream { get; init; }

    /// <summary>How long the handler waits before it answers.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Told once, with the address that is listened on.</summary>
    public required Action<IPEndPoint> OnReady { get; init; }

    /// <summary>Ends the server.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>How the stages that run on Gyre run.</summary>
    public RuntimeOptions Options { get; init; } = new() { HandleSignals = false };

    /// <summary>What to ask the upstream for, when the client asks for a path.</summary>
    internal Uri UrlFor(string path) => new($"{Upstream.GetLeftPart(UriPartial.Authority)}{path}");

    /// <summary>The answer for the client, made of what it asked and what the upstream said; null when that said nothing usable.</summary>
    internal byte[] Answer(string path, Response? response)
    {
        (string status, string body) = response switch
        {
            { Status: 200 } => ("200 OK", $"{path} was asked for, and the upstream says: {response.Body}\n"),
            { } other => ("502 Bad Gateway", $"The upstream {Upstream} answered {other.Status} instead of 200.\n"),
            null => ("502 Bad Gateway", $"The upstream {Upstream} gave no answer that could be used.\n"),
        };
        return Encoding.Latin1.GetBytes(
            $"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");
    }
}
