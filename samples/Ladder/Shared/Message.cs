using System.Text;

namespace Gyre.Samples.Ladder;

/// <summary>What has come of one HTTP message, a request or a response, piece by piece. It never throws: a stranger wrote it.</summary>
internal sealed class Message
{
    /// <summary>Far more than the requests and answers of this sample take, and little enough to keep for each of a thousand.</summary>
    private const int CharactersMax = 16 << 10;

    private readonly StringBuilder _text = new();
    private string? _startLine;
    private string? _body;

    /// <summary>The path that a request asks for; null while it isn't complete, and when it is no GET request.</summary>
    public string? Path => Word(0) == "GET" && Word(1) is ['/', ..] path ? path : null;

    /// <summary>The answer; null while it isn't complete, and when it is no HTTP.</summary>
    public Response? Response =>
        Word(0) is "HTTP/1.1" or "HTTP/1.0" && int.TryParse(Word(1), out int status) ? new Response(status, _body!) : null;

    /// <summary>Takes the next piece; an empty one is the end of the connection.</summary>
    /// <returns>True when nothing more is to come: the message is complete, or will never be.</returns>
    public bool Add(ReadOnlySpan<byte> piece)
    {
        _text.Append(Encoding.Latin1.GetString(piece));
        string text = _text.ToString();
        if (text.Split("\r\n\r\n", 2) is [string head, string body])
        {
            string[] lines = head.Split("\r\n");
            string length = lines.FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)) ?? ":0";
            if (!int.TryParse(length[(length.IndexOf(':', StringComparison.Ordinal) + 1)..], out int count) || body.Length >= count)
            {
                (_startLine, _body) = (lines[0], body);
                return true;
            }
        }

        return piece.IsEmpty || text.Length > CharactersMax;
    }

    private string? Word(int index) => _startLine?.Split(' ') is { Length: >= 3 } words ? words[index] : null;
}
