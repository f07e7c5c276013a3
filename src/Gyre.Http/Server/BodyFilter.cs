using System.Buffers;

namespace Gyre.Http.Server;

/// <summary>Changes the body of a response on its way out, as compression does. One serves one response at a time.</summary>
internal abstract class BodyFilter
{
    /// <summary>
    /// Called once, before the head is written: decides whether it takes the body, and changes the headers if it does.
    /// </summary>
    /// <param name="context">The request and its response.</param>
    /// <param name="length">The bytes of the body as its handler makes it; null when that isn't known.</param>
    /// <returns>False lets the body pass as it is.</returns>
    public abstract bool Begin(HttpContext context, long? length);

    /// <summary>Takes a piece of the body and writes what comes of it by now.</summary>
    public abstract void Write(ReadOnlySpan<byte> data, IBufferWriter<byte> output);

    /// <summary>Writes what is held back, so that the peer can use all that was written so far.</summary>
    public abstract void Flush(IBufferWriter<byte> output);

    /// <summary>Writes the end.</summary>
    public abstract void End(IBufferWriter<byte> output);

    /// <summary>The response is over, well or not; called once, whether or not the filter began.</summary>
    public abstract void Release();
}
