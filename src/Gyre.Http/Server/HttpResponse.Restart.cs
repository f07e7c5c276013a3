namespace Gyre.Http;

/// <summary>What middleware does to a response that it answers in place of a handler.</summary>
public sealed partial class HttpResponse
{
    /// <summary>
    /// Forgets what a handler has prepared and not sent, but for the first <paramref name="headersKept"/> headers: those of the
    /// middleware around it, such as the request's id.
    /// </summary>
    internal void StartOver(int headersKept)
    {
        VerifyNotStarted();
        _head.StatusCode = 200;
        _head.ContentLength = null;
        Headers.Truncate(headersKept);
        _trailers?.Clear();
        _body?.Reset();
    }
}
