using System.Buffers;
using System.Diagnostics;
using Gyre.Http.Fields;
using Gyre.Sync;

namespace Gyre.Http;

/// <summary>
/// Sends events to a browser's <c>EventSource</c>. Several coroutines may send: each event goes out whole, in the order asked for, and
/// one that is sent waits for those before it.
/// </summary>
/// <remarks>Used on the loop of its connection, until the handler ends.</remarks>
[DebuggerDisplay("{EventsSent} events sent")]
public sealed class EventWriter
{
    /// <summary>Bytes of a buffer that is kept for the next event.</summary>
    private const int BytesKept = 64 * 1024;

    private readonly HttpResponse _response;
    private readonly EventLoop _loop = EventLoop.Current;
    private readonly AsyncLock _turn = new("the stream of events");
    private ArrayBufferWriter<byte> _buffer = new(256);

    /// <summary>A timestamp of the loop's clock, which no change of the date moves.</summary>
    private long _lastSent;

    internal EventWriter(HttpResponse response)
    {
        _response = response;
        _lastSent = _loop.Clock.GetTimestamp();
    }

    /// <summary>Events that were sent so far, comments not among them.</summary>
    public long EventsSent { get; private set; }

    /// <summary>Sends an event, and waits while the client is far behind. A checkpoint.</summary>
    /// <param name="item">With one of its parts at least.</param>
    /// <exception cref="ArgumentException">It is empty, or a part has a line end or NUL that it can't have; nothing was sent.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="OperationCanceledException">The scope was cancelled, by the client's end for one.</exception>
    public async ValueTask SendAsync(ServerSentEvent item)
    {
        using LockHolder turn = await _turn.AcquireAsync();
        SseWriter.Write(Cleared(), item);
        EventsSent++;
        await SendGatheredAsync();
    }

    /// <summary>Sends an event with data alone, of one line or several. A checkpoint.</summary>
    /// <param name="data">What the page gets.</param>
    /// <inheritdoc cref="SendAsync(ServerSentEvent)" path="/exception"/>
    public ValueTask SendAsync(string data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return SendAsync(new ServerSentEvent(data));
    }

    /// <summary>Sends a comment, which the browser skips. A checkpoint.</summary>
    /// <param name="text">Of one line or several.</param>
    /// <inheritdoc cref="SendAsync(ServerSentEvent)" path="/exception"/>
    public async ValueTask SendCommentAsync(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        using LockHolder turn = await _turn.AcquireAsync();
        SseWriter.WriteComment(Cleared(), text);
        await SendGatheredAsync();
    }

    /// <summary>Sends a comment whenever nothing else was sent for a time; ends when it is cancelled.</summary>
    internal async Task BeatAsync(TimeSpan silence)
    {
        while (true)
        {
            TimeSpan left = silence - _loop.Clock.GetElapsedTime(_lastSent);
            if (left > TimeSpan.Zero)
            {
                await Coroutine.SleepAsync(left);
                continue;
            }

            // Whoever has the turn is sending, so the stream isn't silent; when that is done is seen after its flush.
            using LockHolder turn = await _turn.AcquireAsync();
            if (_loop.Clock.GetElapsedTime(_lastSent) >= silence)
            {
                Cleared().Write(SseWriter.HeartBeat);
                await SendGatheredAsync();
            }
        }
    }

    private ArrayBufferWriter<byte> Cleared()
    {
        if (_buffer.Capacity > BytesKept)
        {
            _buffer = new ArrayBufferWriter<byte>(256);
        }

        _buffer.ResetWrittenCount();
        return _buffer;
    }

    private async ValueTask SendGatheredAsync()
    {
        await _response.WriteAsync(_buffer.WrittenMemory);
        _lastSent = _loop.Clock.GetTimestamp();
    }
}
