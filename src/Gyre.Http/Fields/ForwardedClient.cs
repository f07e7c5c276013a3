using System.Net;

namespace Gyre.Http.Fields;

/// <summary>The client as far as the trusted proxies know it. Spans are good as long as the headers.</summary>
internal ref struct ForwardedClient
{
    /// <summary>The farthest address that is known; the peer's own when nothing is believed.</summary>
    internal IPAddress Address { get; set; }

    /// <summary>Its port; 0 when it isn't known.</summary>
    internal int Port { get; set; }

    /// <summary><c>http</c> or <c>https</c> as the farthest trusted proxy told; empty when none did.</summary>
    internal ReadOnlySpan<byte> Scheme { get; set; }

    /// <summary>A valid host with or without a port; empty when none was told.</summary>
    internal ReadOnlySpan<byte> Host { get; set; }

    /// <summary>How many proxies were believed.</summary>
    internal int Hops { get; set; }

    /// <summary>Whether the farthest proxy hides whom it speaks for, so that <see cref="Address"/> is its own.</summary>
    internal bool IsHidden { get; set; }

    /// <summary>Whether the walk ended at something that can't be read.</summary>
    internal bool IsMalformed { get; set; }
}
