using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Gyre.Net;

namespace Gyre.Bench.Ladder;

/// <summary>The bytes of a message.</summary>
internal static class Wire
{
    /// <summary>A thousand may come at once.</summary>
    public const int Backlog = 4096;

    public static async Task ReadToBlankLineAsync(TcpConnection connection)
    {
        ReadResult read;
        bool complete;
        do
        {
            read = await connection.Input.ReadAsync();
            complete = Encoding.Latin1.GetString(read.Buffer).Contains("\r\n\r\n", StringComparison.Ordinal);
            connection.Input.AdvanceTo(complete ? read.Buffer.End : read.Buffer.Start, read.Buffer.End);
        }
        while (!complete && !read.IsCompleted);
    }

    public static async Task<string> ReadToEndAsync(TcpConnection connection)
    {
        ReadResult read;
        do
        {
            read = await connection.Input.ReadAsync();
            connection.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
        while (!read.IsCompleted);

        connection.Input.TryRead(out read);
        string text = Encoding.Latin1.GetString(read.Buffer);
        connection.Input.AdvanceTo(read.Buffer.End);
        return text;
    }
}
