using Gyre.Http.Server;

namespace Gyre.Http.Middleware;

/// <summary>Puts a filter before each body; the filter decides.</summary>
internal sealed class CompressionMiddleware
{
    private readonly Func<LoopServer, CompressionPool> _newPool;

    public CompressionMiddleware(CompressionOptions options)
    {
        var rules = new CompressionRules(options);
        _newPool = _ => new CompressionPool(options, rules);
    }

    public ValueTask Invoke(HttpContext context, HttpHandler next)
    {
        context.Response.SetFilter(context.Connection!.Server.PartOf(this, _newPool).Take());
        return next(context);
    }
}
