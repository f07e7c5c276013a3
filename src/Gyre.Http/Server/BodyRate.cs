using System.Diagnostics;

namespace Gyre.Http.Server;

/// <summary>How fast the body of a request comes: its bytes, and how long a handler waited for them in all.</summary>
/// <remarks>Measured by the clock itself: of many short waits, the grain of a second would make nonsense. Times are in ticks.</remarks>
[DebuggerDisplay("{_bytes} bytes in {_waited} ticks")]
internal sealed class BodyRate
{
    private long _bytes;
    private long _waited;
    private long _waitBegan;

    public void Reset()
    {
        _bytes = 0;
        _waited = 0;
    }

    public void Add(int bytes) => _bytes += bytes;

    public void BeginWait(long now) => _waitBegan = now;

    public void EndWait(long now) => _waited += now - _waitBegan;

    /// <summary>Whether, during a wait, the body has come slower than <paramref name="options"/> allow.</summary>
    public bool IsTooSlow(HttpServerOptions options, long now)
    {
        double counted = (_waited + (now - _waitBegan) - options.BodyGrace.Ticks) / (double)TimeSpan.TicksPerSecond;
        return counted > 0 && _bytes < options.BodyBytesPerSecondMin * counted;
    }
}
