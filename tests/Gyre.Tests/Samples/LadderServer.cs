using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gyre.Samples.Ladder;

namespace Gyre.Tests.Samples;

/// <summary>A stage of <c>samples/Ladder</c> that serves in this process, on a thread of its own, while a test asks it.</summary>
internal static class LadderServer
{
    /// <summary>Serves while <paramref name="body"/> runs; fails when the stage fails, doesn't end, or says anything unasked.</summary>
    public static async Task WithAsync(string stage, Uri upstream, Func<IPEndPoint, Task> body)
    {
        using var stop = new CancellationTokenSource();
        var said = new ConcurrentQueue<string>();
        var ready = new TaskCompletionSource<IPEndPoint>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var setting = new Setting
        {
            Upstream = upstream,
            Wait = TimeSpan.FromMilliseconds(1),
            OnReady = ready.SetResult,
            Stop = stop.Token,
            Options = OnLoop.Options with { Log = said.Enqueue },
        };
        var thread = new Thread(() =>
        {
            try
            {
                Stage.All.Single(one => one.Name == stage).Run(setting);
                ended.SetResult();
            }
            catch (Exception failure)
            {
                ready.TrySetException(failure);
                ended.SetException(failure);
            }
        })
        {
            Name = $"stage {stage}",
            IsBackground = true,
        };
        thread.Start();
        IPEndPoint endPoint = await ready.Task.WaitAsync(OnLoop.HangBound);
        try
        {
            await body(endPoint).WaitAsync(OnLoop.HangBound);
        }
        finally
        {
            await stop.CancelAsync();
            await ended.Task.WaitAsync(OnLoop.HangBound);
        }

        Assert.Empty(said);
    }

    public static Task<string> GetAsync(IPEndPoint endPoint, string path) => AskAsync(endPoint, $"GET {path} HTTP/1.1\r\nHost: ladder\r\n\r\n");

    /// <summary>Sends a text, and gives all that comes until the server ends the connection.</summary>
    public static async Task<string> AskAsync(IPEndPoint endPoint, string text)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(endPoint);
        await socket.SendAsync(Encoding.Latin1.GetBytes(text));
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }
}
