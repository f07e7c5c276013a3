using System.Diagnostics;

namespace Gyre.Http.Server;

/// <summary>How fast the peer takes what is sent to it, by what it acknowledged since the first look at a wait. Times are in ticks.</summary>
[DebuggerDisplay("{_acknowledged} bytes at {_began} ticks")]
internal sealed class WriteRate
{
    private long _began;
    private long _acknowledged;
    private bool _isBegun;

    /// <summary>A wait begins. Nothing is asked of the system yet: most waits are over before anybody looks.</summary>
    public void BeginWait() => _isBegun = false;

    /// <summary>Whether, during a wait, the peer has taken less than <paramref name="options"/> allow.</summary>
    /// <param name="options">Grace and least rate.</param>
    /// <param name="now">The time.</param>
    /// <param name="acknowledged">Bytes since the connection began; null when the system doesn't tell.</param>
    /// <param name="unacknowledged">Bytes that the system still has for the peer; none, and it is this side that is slow: its disk, say.</param>
    public bool IsTooSlow(HttpServerOptions options, long now, long? acknowledged, long? unacknowledged)
    {
        if (acknowledged is not { } bytes || unacknowledged == 0)
        {
            _isBegun = false;
            return false;
        }

        if (!_isBegun)
        {
            _isBegun = true;
            _began = now;
            _acknowledged = bytes;
            return false;
        }

        double counted = (now - _began - options.BodyGrace.Ticks) / (double)TimeSpan.TicksPerSecond;
        return counted > 0 && bytes - _acknowledged < options.BodyBytesPerSecondMin * counted;
    }
}
