using Gyre.Http.Fields;
using Gyre.Http.Protocol;

namespace Gyre.Http;

/// <summary>Server-sent events: the HTML standard, section of that name.</summary>
public sealed partial class HttpResponse
{
    /// <summary>
    /// Answers with a stream of events, which <paramref name="body"/> sends until it ends. The head goes out at once; while nothing is
    /// sent, comments keep the stream alive. When the client goes away, the body's waits throw. A checkpoint.
    /// </summary>
    /// <param name="body">Runs in a task group of its own, whose other child sends the comments. Not run for HEAD.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <remarks>
    /// Caches are told to keep nothing, and nginx not to gather the stream (<c>X-Accel-Buffering: no</c>). A client that connects again
    /// says what it got last: <see cref="HttpRequest.LastEventId"/>.
    /// </remarks>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="OperationCanceledException">The scope was cancelled, by the client's end for one.</exception>
    /// <exception cref="InvalidOperationException">The response has begun already.</exception>
    public async ValueTask SendEventsAsync(Func<EventWriter, ValueTask> body, EventsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        VerifyNotStarted();
        Headers.Set(KnownHeader.ContentType, "text/event-stream"u8);
        Headers.Set(KnownHeader.CacheControl, "no-store"u8);
        Headers.Set("X-Accel-Buffering"u8, "no"u8);
        if (_context.Request.Method == RequestMethod.Head)
        {
            return;
        }

        await FlushAsync();
        TimeSpan heartBeat = (options ?? EventsOptions.Default).HeartBeat;
        var writer = new EventWriter(this);
        if (heartBeat == Timeout.InfiniteTimeSpan)
        {
            await body(writer);
            return;
        }

        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(() => writer.BeatAsync(heartBeat), "heart-beats");
            await body(writer);
            group.Cancel("the events have ended");
        });
    }

    /// <summary>Answers with the events of a sequence, each sent when it comes.</summary>
    /// <param name="events">Enumerated in a task group of its own. Not enumerated for HEAD.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <inheritdoc cref="SendEventsAsync(Func{EventWriter, ValueTask}, EventsOptions?)"/>
    public ValueTask SendEventsAsync(IAsyncEnumerable<ServerSentEvent> events, EventsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(events);
        return SendEventsAsync(
            async writer =>
            {
                await foreach (ServerSentEvent item in events)
                {
                    await writer.SendAsync(item);
                }
            },
            options);
    }
}
