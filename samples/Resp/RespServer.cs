using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Gyre.Generators;
using Gyre.Net;

namespace Gyre.Samples.Resp;

/// <summary>The parser driven by sockets: one coroutine accepts, and one for each connection answers commands.</summary>
public static class RespServer
{
    /// <summary>Replies that are gathered before the client must take some: commands of a few bytes may ask for megabytes.</summary>
    private const int RepliesBytesMax = 256 << 10;

    public static Task ServeAsync(IPEndPoint endPoint, Action<IPEndPoint> onReady, RespOptions? options = null) => TaskGroup.RunAsync(async group =>
    {
        var store = new KeyValueStore();
        await using TcpListener listener = TcpListener.Listen(endPoint);
        onReady(listener.LocalEndPoint);
        while (true)
        {
            TcpConnection connection = await listener.AcceptAsync();
            group.Spawn(() => ServeAsync(connection, store, options), "client");
        }
    });

    private static async Task ServeAsync(TcpConnection connection, KeyValueStore store, RespOptions? options)
    {
        await using (connection)
        {
            try
            {
                await AnswerUntilEndAsync(connection, store, options);
            }
            catch (IOException)
            {
                // The client broke the connection; the others go on.
            }
        }
    }

    private static async Task AnswerUntilEndAsync(TcpConnection connection, KeyValueStore store, RespOptions? options)
    {
        try
        {
            await AnswerAsync(connection.Input, connection.Output, store, options);
        }
        catch (RespException failure)
        {
            // Where the next command begins can't be told any more, so this is the last reply.
            RespWriter.Write(connection.Output, RespValue.Error($"ERR Protocol error: {failure.Message}"));
            await connection.Output.FlushAsync();
        }
    }

    private static async Task AnswerAsync(PipeReader input, PipeWriter output, KeyValueStore store, RespOptions? options)
    {
        using Generator<RespEvent, ReadOnlySequence<byte>, long> parser = RespParser.Create(options);
        Step<RespEvent, long> step = parser.Next();
        while (!step.IsReturn)
        {
            if (step.Yielded.Value is not { } command)
            {
                step = await ReadMoreAsync(parser, input, output);
                continue;
            }

            if (store.Execute(command, out bool isLast) is { } reply)
            {
                RespWriter.Write(output, reply);
            }

            if (isLast)
            {
                break;
            }

            if (output.UnflushedBytes > RepliesBytesMax)
            {
                await output.FlushAsync();
            }

            step = parser.Next();
        }

        await output.FlushAsync();
    }

    /// <summary>All commands that have come are answered: the replies leave together, and the parser is sent what comes next.</summary>
    private static async Task<Step<RespEvent, long>> ReadMoreAsync(
        Generator<RespEvent, ReadOnlySequence<byte>, long> parser, PipeReader input, PipeWriter output)
    {
        await output.FlushAsync();
        ReadResult read = await input.ReadAsync();
        Step<RespEvent, long> step = parser.Send(read.Buffer);
        input.AdvanceTo(read.Buffer.End);
        return step;
    }
}
