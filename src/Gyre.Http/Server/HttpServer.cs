using System.Diagnostics;
using System.Net;
using Gyre.Http.Protocol;
using Gyre.Http.Routing;
using Gyre.Http.Server;

namespace Gyre.Http;

/// <summary>An HTTP/1.1 server: routes, middleware, a default handler, and every loop of the group serving.</summary>
/// <remarks>
/// It is set up before <see cref="ServeAsync(string, Action{IPEndPoint}?)"/>, by one thread at a time; one server may serve several addresses.
/// </remarks>
[DebuggerDisplay("serving = {_isServing}")]
public sealed class HttpServer : RouteBuilder<HttpServer>
{
    private readonly HttpServerOptions _options;
    private readonly RouteConstraints _constraints = new();
    private readonly Router _router;
    private readonly List<LateHandler> _late = [];
    private readonly Lock _sealing = new();
    private HttpHandler _fallback = AnswerNotFound;
    private HttpHandler? _pipeline;
    private bool _isServing;
    private int _runs;
    private int _runsEnding;

    /// <summary>Makes a server without routes: it answers 404.</summary>
    /// <param name="options">Limits and deadlines; null for the defaults.</param>
    public HttpServer(HttpServerOptions? options = null)
    {
        _options = options ?? new HttpServerOptions();
        _router = new Router(context => _fallback(context));
    }

    /// <summary>
    /// Whether load balancers should send requests: it serves, and wasn't told to end. Turns false before anything else when it
    /// drains. Any thread.
    /// </summary>
    public bool IsReady => Volatile.Read(ref _runs) > 0 && Volatile.Read(ref _runsEnding) == 0;

    internal override HttpServer Root => this;

    /// <summary>Answers what no route takes; without it, 404.</summary>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public HttpServer Default(HttpHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        VerifyConfigurable();
        _fallback = handler;
        return this;
    }

    /// <summary>Adds a constraint that templates added from here on may name, as in <c>/{code:isbn}</c>.</summary>
    /// <param name="name">ASCII letters and digits; compared by case.</param>
    /// <param name="constraint">Says whether a segment may be the parameter's value.</param>
    /// <exception cref="ArgumentException">No such name, or there is one.</exception>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public HttpServer Constraint(string name, RouteConstraint constraint)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(constraint);
        VerifyConfigurable();
        _constraints.Add(name, constraint);
        return this;
    }

    /// <summary>Serves <paramref name="url"/> on every loop of the group until cancelled. A checkpoint.</summary>
    /// <param name="url">
    /// For example <c>http://127.0.0.1:8080</c>; port 0 lets the system pick; <c>*</c> is every address, and <c>localhost</c> 127.0.0.1 alone.
    /// </param>
    /// <param name="onReady">Called on the calling loop with the bound address once connections are accepted.</param>
    /// <exception cref="ArgumentException">Not such a URL.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The address can't be bound; the message names it and the remedy.</exception>
    /// <remarks>
    /// Cancelled, it drains: <see cref="IsReady"/> turns false, after <see cref="HttpServerOptions.DrainDelay"/> nothing is accepted
    /// any more, requests in flight may end for <see cref="HttpServerOptions.DrainTimeout"/>, and are then cancelled.
    /// </remarks>
    /// <exception cref="OperationCanceledException">The scope was cancelled; every connection has ended.</exception>
    /// <exception cref="InvalidOperationException">
    /// The calling code isn't run by a loop, or the server serves already and has a <see cref="HttpServerOptions.HandOverPath"/>.
    /// </exception>
    public Task ServeAsync(string url, Action<IPEndPoint>? onReady = null) => ServeAsync(HttpEndpoint.Parse(url), onReady);

    /// <summary>Serves <paramref name="endPoint"/> on every loop of the group until cancelled. A checkpoint.</summary>
    /// <inheritdoc cref="ServeAsync(string, Action{IPEndPoint}?)"/>
    public Task ServeAsync(IPEndPoint endPoint, Action<IPEndPoint>? onReady = null)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return ServeAsync(new HttpEndpoint(endPoint), onReady);
    }

    /// <summary>Serves <paramref name="endpoint"/> on every loop of the group until cancelled. A checkpoint.</summary>
    /// <inheritdoc cref="ServeAsync(string, Action{IPEndPoint}?)"/>
    public Task ServeAsync(HttpEndpoint endpoint, Action<IPEndPoint>? onReady = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return ServeAsync([endpoint], bound => onReady?.Invoke(bound[0]));
    }

    /// <summary>Serves several endpoints on every loop of the group until cancelled, or until another process took them over. A checkpoint.</summary>
    /// <param name="endpoints">At least one.</param>
    /// <param name="onReady">Called on the calling loop with the bound addresses, in the same order, once all accept connections.</param>
    /// <exception cref="ArgumentException">There are none, one is null, two have one address, or an https one lacks options for TLS.</exception>
    /// <inheritdoc cref="ServeAsync(string, Action{IPEndPoint}?)"/>
    public Task ServeAsync(IReadOnlyList<HttpEndpoint> endpoints, Action<IReadOnlyList<IPEndPoint>>? onReady = null)
    {
        Verify(endpoints);
        HttpHandler pipeline = Seal();
        ServerWarmUp.Ensure();
        return new ServerRun(this, endpoints, pipeline).RunAsync(onReady);
    }

    internal HttpServerOptions ServerOptions => _options;

    /// <summary>Paths that are answered whatever the load.</summary>
    internal EssentialPaths Essentials { get; } = new();

    internal override string FullTemplate(string template) => template;

    /// <summary>One address is served from here on.</summary>
    /// <exception cref="InvalidOperationException">Two runs would hand their listeners to one another, and end.</exception>
    internal void BeginRun()
    {
        if (Interlocked.Increment(ref _runs) > 1 && _options.HandOverPath is { } path)
        {
            Interlocked.Decrement(ref _runs);
            throw new InvalidOperationException(
                $"The server serves already and offers its listeners at '{path}'; a second run would take them from it. Give all endpoints to one ServeAsync.");
        }
    }

    /// <summary>Whoever serves one of the addresses was told to end.</summary>
    internal void TurnUnready() => Interlocked.Increment(ref _runsEnding);

    /// <summary>One address is served no more, so that it says nothing about the others, nor about a later run.</summary>
    internal void EndRun(bool wasUnready)
    {
        Interlocked.Decrement(ref _runs);
        if (wasUnready)
        {
            Interlocked.Decrement(ref _runsEnding);
        }
    }

    internal void VerifyConfigurable()
    {
        if (_isServing)
        {
            throw new InvalidOperationException("The server serves already; add routes and middleware before ServeAsync.");
        }
    }

    internal override void AddRoute(string? method, string template, HttpHandler handler, List<RouteGroup> groups)
    {
        RouteTemplate parsed = RouteTemplate.Parse(template, _constraints);
        HttpHandler inGroups = handler;
        if (groups.Count > 0)
        {
            // A group's middleware may be added behind the route, so it is put around it when serving begins.
            var late = new LateHandler(handler, groups);
            _late.Add(late);
            inGroups = late.Invoke;
        }

        _router.Add(parsed).Add(method, inGroups);
    }

    private static void Verify(IReadOnlyList<HttpEndpoint> endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (endpoints.Count == 0)
        {
            throw new ArgumentException("There is nothing to listen on; give at least one endpoint.", nameof(endpoints));
        }

        var seen = new HashSet<IPEndPoint>();
        for (int i = 0; i < endpoints.Count; i++)
        {
            if (endpoints[i] is not { } endpoint)
            {
                throw new ArgumentException($"The endpoint at index {i} is null; pass a HttpEndpoint, or leave it out.", nameof(endpoints));
            }

            // Loops share an address among themselves, so that the system wouldn't refuse it: connections would fall to either endpoint.
            if (endpoint.Address.Port != 0 && !seen.Add(endpoint.Address))
            {
                throw new ArgumentException(
                    $"The endpoint '{endpoint}' at index {i} has the address {endpoint.Address} of one before it; give each a port of its own.",
                    nameof(endpoints));
            }
        }
    }

    /// <summary>Puts the middleware around everything, once.</summary>
    private HttpHandler Seal()
    {
        // Several loops may begin to serve addresses of the same server at once.
        lock (_sealing)
        {
            if (_pipeline is null)
            {
                _isServing = true;
                foreach (LateHandler late in _late)
                {
                    late.Seal();
                }

                _pipeline = Wrap(_router.Dispatch, Middleware);
            }

            return _pipeline;
        }
    }

    private static HttpHandler Wrap(HttpHandler handler, List<HttpMiddleware> middleware)
    {
        for (int i = middleware.Count - 1; i >= 0; i--)
        {
            HttpMiddleware around = middleware[i];
            HttpHandler next = handler;
            handler = context => around(context, next);
        }

        return handler;
    }

    private static ValueTask AnswerNotFound(HttpContext context)
    {
        // RFC 9110 section 9.1: the method isn't implemented, whatever its target. A server that opens tunnels has a handler of its own.
        // What follows may be meant for the tunnel, and never for this server.
        bool asksForTunnel = context.Request.Method == RequestMethod.Connect;
        context.Response.Close |= asksForTunnel;
        context.Response.SendError(asksForTunnel ? 501 : 404, asksForTunnel ? "This server opens no tunnels." : "Not found");
        return default;
    }

    /// <summary>A route's handler inside its groups' middleware.</summary>
    private sealed class LateHandler(HttpHandler handler, List<RouteGroup> groups)
    {
        private HttpHandler _handler = handler;

        public void Seal()
        {
            for (int i = groups.Count - 1; i >= 0; i--)
            {
                _handler = Wrap(_handler, groups[i].Middleware);
            }
        }

        public ValueTask Invoke(HttpContext context) => _handler(context);
    }
}
