using Gyre.Http.Fuzz.Engine;

namespace Gyre.Http.Fuzz.Targets;

/// <summary>All of them.</summary>
internal static class FuzzTargets
{
    internal static IEnumerable<FuzzTarget> All() =>
    [
        new RequestTarget(), new ChunksTarget(), new KestrelTarget(), new PathTarget(), new RouterTarget(), new RangeTarget(),
        new CookieTarget(), new QueryTarget(), new ForwardedTarget(), new ProxyTarget(), new ContentTypeTarget(),
        new AcceptEncodingTarget(), new PreconditionsTarget(), new DateTarget(), new MultipartTarget(),
    ];
}
