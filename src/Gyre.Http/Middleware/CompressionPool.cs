using Gyre.Http.Server;

namespace Gyre.Http.Middleware;

/// <summary>The filters of one loop. At rest a filter holds no native memory.</summary>
internal sealed class CompressionPool(CompressionOptions options, CompressionRules rules) : ILoopPart
{
    /// <summary>As many as contexts are kept, since each request has one.</summary>
    private const int FiltersKeptMax = 256;

    private readonly Stack<CompressionFilter> _filters = new();

    public CompressionFilter Take() =>
        _filters.TryPop(out CompressionFilter? filter) ? filter : new CompressionFilter(this, options, rules);

    public void Give(CompressionFilter filter)
    {
        if (_filters.Count < FiltersKeptMax)
        {
            _filters.Push(filter);
        }
    }

    public void OnSecond()
    {
        // Nothing grows old here.
    }

    public ValueTask EndAsync() => default;
}
