using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gyre.Tests;

/// <summary>Some clients, each of which connects, asks, gets an answer and begins again, until they are ended. Any failure is kept.</summary>
internal sealed class ClientStream : IDisposable
{
    private readonly IPEndPoint _endPoint;
    private readonly ConcurrentDictionary<string, int> _answerers = new();
    private readonly CancellationTokenSource _giveUp = new();
    private readonly Task[] _clients;
    private volatile bool _ending;
    private int _answers;
    private TaskCompletionSource? _enough;
    private int _enoughAt;

    public ClientStream(IPEndPoint endPoint, int clients)
    {
        _endPoint = endPoint;
        _clients = [.. Enumerable.Range(0, clients).Select(_ => Task.Run(RunAsync))];
    }

    /// <summary>Waits until that many more connections were answered; fails when a client failed.</summary>
    public async Task AnswersAsync(int count)
    {
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _enoughAt = Volatile.Read(ref _answers) + count;
        Volatile.Write(ref _enough, enough);
        Task first = await Task.WhenAny([enough.Task, .. _clients]).WaitAsync(OnLoop.HangBound);
        await first;
    }

    /// <summary>Ends the clients, after a last answer each or at once, and returns who has answered.</summary>
    public async Task<IReadOnlyCollection<string>> EndAsync(bool lastOnesUnanswered = false)
    {
        _ending = true;
        if (lastOnesUnanswered)
        {
            await _giveUp.CancelAsync();
        }

        await Task.WhenAll(_clients).WaitAsync(OnLoop.HangBound);
        return [.. _answerers.Keys];
    }

    public void Dispose()
    {
        _ending = true;
        _giveUp.Cancel();
        _giveUp.Dispose();
    }

    private async Task RunAsync()
    {
        byte[] answer = new byte[32];
        while (!_ending)
        {
            try
            {
                using var socket = new Socket(_endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(_endPoint, _giveUp.Token);
                await socket.SendAsync(new byte[] { 1 }, _giveUp.Token);
                int count = await socket.ReceiveAsync(answer, _giveUp.Token);
                Assert.True(count > 0, "A connection was closed without an answer.");
                _answerers.AddOrUpdate(Encoding.ASCII.GetString(answer, 0, count), 1, static (_, before) => before + 1);
            }
            catch (OperationCanceledException) when (_giveUp.IsCancellationRequested)
            {
                return;
            }

            if (Interlocked.Increment(ref _answers) >= _enoughAt)
            {
                Volatile.Read(ref _enough)?.TrySetResult();
            }
        }
    }
}
