using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Gyre.Net;

namespace Gyre.Samples.Echo;

/// <summary>Sends and receives at the same time: a server that echoes stops reading while nobody takes what it sends.</summary>
internal static class EchoClient
{
    public static async Task SendAsync(IPEndPoint endPoint, Stream source, Stream destination)
    {
        await using TcpConnection connection = await TcpConnection.ConnectAsync(endPoint);
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(() => ReceiveAsync(connection.Input, destination), "receive");
            await SendAsync(source, connection.Output, group.Token);
        });
    }

    private static async Task SendAsync(Stream source, PipeWriter output, CancellationToken token)
    {
        byte[] piece = new byte[16 * 1024];

        // Standard input is read on a thread of the pool, and what waits for a terminal there can only be abandoned.
        for (int count; (count = await source.ReadAsync(piece, token).AsTask().WaitAsync(token)) > 0;)
        {
            output.Write(piece.AsSpan(0, count));
            await output.FlushAsync(token);
        }

        await output.CompleteAsync();
    }

    private static async Task ReceiveAsync(PipeReader input, Stream destination)
    {
        ReadResult read;
        do
        {
            read = await input.ReadAsync();
            foreach (ReadOnlyMemory<byte> piece in read.Buffer)
            {
                await destination.WriteAsync(piece);
            }

            input.AdvanceTo(read.Buffer.End);
            await destination.FlushAsync();
        }
        while (!read.IsCompleted);
    }
}
