using System.Net;
using System.Text;
using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Protocol;
using Gyre.Net;
using Gyre.Simulation;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gyre.Http.Fuzz.References;

/// <summary>
/// A whole server in a simulated world, asked to read one body in one way, with a canary behind it: whatever was made of the body, the
/// canary is the next request, or nothing is. Time is virtual, so that to hang is to let it pass.
/// </summary>
internal sealed class FormServer
{
    internal const int BytesAtOnce = 4096;
    private const int BuffersMax = 8;
    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(1);
    private static readonly byte[] s_canary = Encoding.ASCII.GetBytes("GET /canary HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

    private readonly HttpServer _server;
    private readonly FormLimits _limits;
    private FormAccount? _account;
    private bool _sawCanary;

    internal FormServer(FormLimits limits)
    {
        _limits = limits;
        _server = new HttpServer(new HttpServerOptions
        {
            Logger = NullLogger.Instance,
            Limits = new HttpLimits { BodyBytesMax = limits.BodyBytes },
            DrainTimeout = TimeSpan.Zero,
        });
        _server.Post("/walk", context => AnswerAsync(context, _account!.WalkAsync(context.Request)))
            .Post("/gather", context => AnswerAsync(context, _account!.GatherAsync(context.Request)))
            .Get("/canary", context =>
            {
                _sawCanary = true;
                context.Response.Send("canary");
                return default;
            });
    }

    /// <summary>Sends a body and tells what the handler made of it.</summary>
    /// <param name="path">The way to read it: <c>/walk</c> or <c>/gather</c>.</param>
    /// <param name="type">The content type, as the peer writes it.</param>
    /// <param name="body">The bytes.</param>
    /// <param name="pieceMax">The most bytes that arrive at once; 0 for a chunked body that is cut by chance.</param>
    /// <returns>Null when the head was refused, so that no handler ran.</returns>
    internal FormAccount? Ask(string path, ReadOnlySpan<byte> type, ReadOnlySpan<byte> body, int pieceMax)
    {
        _account = new FormAccount(_limits);
        _sawCanary = false;
        byte[] message = Written(path, type, body, isChunked: pieceMax == 0);
        SimulatedNetwork network = new(new SimulationOptions
        {
            Seed = body.Length,
            ReceiveBufferBytes = pieceMax == 0 ? BytesAtOnce : pieceMax,
            ReceiveBufferCount = BuffersMax,
        });
        string answer = "";
        SimulatedRuntime.Run(network, () => TaskGroup.RunAsync(async group =>
        {
            TaskCompletionSource<IPEndPoint> ready = new();
            group.Spawn(() => _server.ServeAsync("http://127.0.0.1:0", ready.SetResult), "server");
            answer = await ExchangeAsync(await ready.Task, message);
            Verify.That(network.Elapsed < s_timeMax, "time passes while nobody waits for anything");
            group.Cancel("the answer came");
        }));
        return Judged(answer);
    }

    private static async ValueTask AnswerAsync(HttpContext context, Task read)
    {
        await read;
        context.Response.Send("read");
    }

    private static async Task<string> ExchangeAsync(IPEndPoint endPoint, byte[] message)
    {
        await using Stream stream = (await TcpConnection.ConnectAsync(endPoint)).AsStream();
        byte[] buffer = new byte[BytesAtOnce];
        StringBuilder answer = new();
        try
        {
            await stream.WriteAsync(message);
            for (int count; (count = await stream.ReadAsync(buffer)) > 0;)
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (IOException)
        {
            // The server closes on what it refuses, and needn't read the rest of it.
        }

        return answer.ToString();
    }

    private FormAccount? Judged(string answer)
    {
        FormAccount account = _account!;
        if (account.Failure is { } failure)
        {
            throw failure is OracleException oracle ? new OracleException(oracle.Kind, oracle.Message)
                : new OracleException($"{failure.GetType().Name} isn't documented", failure.ToString());
        }

        if (account.Status == 0)
        {
            Verify.That(answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal) && !_sawCanary, "no handler ran, and the head wasn't refused");
            return null;
        }

        Verify.That(answer.StartsWith($"HTTP/1.1 {account.Status} ", StringComparison.Ordinal), "the peer gets another status");
        int answers = answer.Split("HTTP/1.1 ").Length - 1;
        Verify.Same(_sawCanary ? 2 : 1, answers, "as many answers as requests");
        Verify.That(_sawCanary || account.Status != 200, "a body that was read takes the canary with it");
        return account;
    }

    private static byte[] Written(string path, ReadOnlySpan<byte> type, ReadOnlySpan<byte> body, bool isChunked)
    {
        using MemoryStream message = new();
        string framing = isChunked ? "Transfer-Encoding: chunked" : $"Content-Length: {body.Length}";
        message.Write(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: a\r\n{framing}\r\nContent-Type: "));
        message.Write(type);
        message.Write("\r\n\r\n"u8);
        if (isChunked)
        {
            WriteChunks(message, body);
        }
        else
        {
            message.Write(body);
        }

        message.Write(s_canary);
        return message.ToArray();
    }

    private static void WriteChunks(MemoryStream message, ReadOnlySpan<byte> body)
    {
        Random random = new(body.Length);
        while (!body.IsEmpty)
        {
            int size = Math.Min(body.Length, random.Next(1, 32));
            message.Write(Encoding.ASCII.GetBytes($"{size:x}\r\n"));
            message.Write(body[..size]);
            message.Write("\r\n"u8);
            body = body[size..];
        }

        message.Write("0\r\n\r\n"u8);
    }
}
