using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Gyre.Net;

namespace Gyre.Samples.Echo;

/// <summary>One coroutine accepts, and one for each connection sends back what it reads.</summary>
internal static class EchoServer
{
    public static Task ServeAsync(IPEndPoint endPoint, Action<IPEndPoint> onReady) => TaskGroup.RunAsync(async group =>
    {
        await using TcpListener listener = TcpListener.Listen(endPoint);
        onReady(listener.LocalEndPoint);
        while (true)
        {
            TcpConnection connection = await listener.AcceptAsync();
            group.Spawn(() => EchoAsync(connection), "echo");
        }
    });

    private static async Task EchoAsync(TcpConnection connection)
    {
        await using (connection)
        {
            try
            {
                await EchoUntilEndAsync(connection.Input, connection.Output);
            }
            catch (IOException)
            {
                // The client broke the connection; the others go on.
            }
        }
    }

    private static async Task EchoUntilEndAsync(PipeReader input, PipeWriter output)
    {
        ReadResult read;
        FlushResult flushed;
        do
        {
            read = await input.ReadAsync();
            foreach (ReadOnlyMemory<byte> piece in read.Buffer)
            {
                output.Write(piece.Span);
            }

            input.AdvanceTo(read.Buffer.End);

            // Waits while the client takes less than it sends, so that it can't fill the memory.
            flushed = await output.FlushAsync();
        }
        while (!read.IsCompleted && !flushed.IsCompleted);
    }
}
