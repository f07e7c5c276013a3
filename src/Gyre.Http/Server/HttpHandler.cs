namespace Gyre.Http;

/// <summary>
/// Answers one request, on the loop of its connection. What it throws becomes a 500, or ends the connection when the response
/// had begun.
/// </summary>
/// <param name="context">The request and its response; good until the returned task ends, never after.</param>
/// <returns>When the request is answered.</returns>
public delegate ValueTask HttpHandler(HttpContext context);
