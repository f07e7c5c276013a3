namespace Gyre.Http;

/// <summary>Code around a handler: it may look at the request, answer it itself, or call <paramref name="next"/> and look at what came of it.</summary>
/// <param name="context">As for a handler.</param>
/// <param name="next">What is inside: further middleware, and at last the handler. To be called once at the most.</param>
/// <returns>When the request is answered.</returns>
/// <remarks>An <c>async</c> one allocates nothing while nothing suspends.</remarks>
public delegate ValueTask HttpMiddleware(HttpContext context, HttpHandler next);
