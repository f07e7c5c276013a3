using System.Diagnostics;
using Gyre.Diagnostics;
using Gyre.Http.Protocol;
using Gyre.Http.Routing;
using Gyre.Http.Server;

namespace Gyre.Http;

/// <summary>One request and its response. Recycled: neither it nor what it hands out may be kept beyond the handler.</summary>
/// <remarks>
/// Used on the loop of its connection. The handler runs in the connection's coroutine and scope: when the client goes away, its
/// waits throw <see cref="OperationCanceledException"/>. So they do when a time-out or the end of the server cancels the request. Only Gyre's own
/// waits end like that: a handler that awaits a foreign task (<c>Task.Delay</c>, an HttpClient, a database's driver) goes on until that
/// has ended, unless it passes <see cref="Aborted"/> or awaits <see cref="FutureConversions.Cancellable(Task, CancellationToken)"/>.
/// </remarks>
[DebuggerDisplay("{Request} → {Response}")]
public sealed class HttpContext
{
    private Dictionary<string, object?>? _items;
    private string? _requestId;

    internal HttpContext(HttpLimits limits)
    {
        Reader = new RequestReader(limits);
        Request = new HttpRequest(this);
        Response = new HttpResponse(this);
    }

    /// <summary>What the peer sent.</summary>
    public HttpRequest Request { get; }

    /// <summary>What the peer gets.</summary>
    public HttpResponse Response { get; }

    /// <summary>The values of the parameters of the route that took the request; none before it was routed.</summary>
    public RouteValues Route => Search.Values;

    /// <summary>The template of the route that took the request; null before it was routed, and when none did.</summary>
    public string? RouteTemplate => Search.Endpoint?.Template.Text;

    /// <summary>What middleware and handlers leave for one another; empty for each request.</summary>
    public IDictionary<string, object?> Items => _items ??= new Dictionary<string, object?>(StringComparer.Ordinal);

    /// <summary>
    /// What the request is called in logs: what middleware set, else a number of the connection's loop that is unique in it. At
    /// most 128 characters.
    /// </summary>
    /// <exception cref="ArgumentException">Set to a text that is empty, too long, or has other than visible ASCII.</exception>
    public string RequestId
    {
        get => _requestId ??= Connection?.NextRequestId() ?? "none";
        set => _requestId = RequestIds.IsValid(value) ? value : throw new ArgumentException(
            $"A request id has 1 to {RequestIds.CharactersMax} visible ASCII characters.", nameof(value));
    }

    /// <summary>
    /// Cancelled when the client goes away, the server ends, a time-out strikes, or another scope around the code that asks is cancelled; for APIs
    /// that take a token. Gyre's own waits end by themselves.
    /// </summary>
    public CancellationToken Aborted => CancelScope.CurrentToken;

    /// <summary>Whether the client went away while the handler ran, so that nobody reads the response.</summary>
    public bool IsAborted { get; internal set; }

    internal RequestReader Reader { get; }

    internal ResponseWriter Writer { get; } = new();

    internal RouteSearch Search { get; } = new();

    internal HttpConnection? Connection { get; set; }

    /// <summary>A handler that suspended, until it is awaited; here, because an idle connection has no use for the field.</summary>
    internal ValueTask Pending { get; set; }

    /// <summary>The connection's coroutine while the handler is suspended in it: what the client's end cancels.</summary>
    internal CoroutineNode? Flow { get; set; }

    /// <summary>How fast the body of the present request comes.</summary>
    internal BodyRate BodyRate { get; } = new();

    /// <summary>How fast the peer takes the present response.</summary>
    internal WriteRate WriteRate { get; } = new();

    /// <summary>What the client gets when the scope that the handler runs in times out; 0 when there is none.</summary>
    internal int TimeoutStatus { get; set; }

    /// <summary>Whether an error is answered as <c>application/problem+json</c> (RFC 9457) rather than as text.</summary>
    internal bool AnswersProblems { get; set; }

    /// <summary>Makes ready for the next request of the same connection; the present one was read to its end.</summary>
    internal void Reset()
    {
        Reader.Reset();
        Forget();
    }

    /// <summary>Makes ready for another connection, whatever state this one was left in.</summary>
    internal void Recycle()
    {
        Reader.Recycle();
        Forget();
        Search.Path.ShrinkIfLarge();
        Connection = null;
    }

    private void Forget()
    {
        Response.Reset();
        Request.Reset();
        Search.Reset();
        _items?.Clear();
        _requestId = null;
        IsAborted = false;
        AnswersProblems = false;
        TimeoutStatus = 0;
    }
}
