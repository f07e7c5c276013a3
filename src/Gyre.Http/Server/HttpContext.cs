using System.Diagnostics;
using Gyre.Http.Protocol;
using Gyre.Http.Server;

namespace Gyre.Http;

/// <summary>One request and its response. Recycled: neither it nor what it hands out may be kept beyond the handler.</summary>
/// <remarks>Used on the loop of its connection.</remarks>
[DebuggerDisplay("{Request} → {Response}")]
public sealed class HttpContext
{
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

    internal RequestReader Reader { get; }

    internal ResponseWriter Writer { get; } = new();

    internal HttpConnection? Connection { get; set; }

    /// <summary>A handler that suspended, until it is awaited; here, because an idle connection has no use for the field.</summary>
    internal ValueTask Pending { get; set; }

    /// <summary>How fast the body of the present request comes.</summary>
    internal BodyRate BodyRate { get; } = new();

    /// <summary>Makes ready for the next request of the same connection; the present one was read to its end.</summary>
    internal void Reset()
    {
        Reader.Reset();
        Response.Reset();
        Request.Reset();
    }

    /// <summary>Makes ready for another connection, whatever state this one was left in.</summary>
    internal void Recycle()
    {
        Reader.Recycle();
        Response.Reset();
        Request.Reset();
        Connection = null;
    }
}
