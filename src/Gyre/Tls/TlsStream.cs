using Gyre.Net;

namespace Gyre.Tls;

/// <summary>The plain text as a stream.</summary>
internal sealed class TlsStream(TlsConnection connection, TlsReader reader, TlsWriter writer) : LoopStream(connection.Loop, connection)
{
    /// <summary>Completes at once, as that of the connection does.</summary>
    public override ValueTask DisposeAsync() => connection.DisposeAsync();

    protected override ValueTask<int> ReadHereAsync(Memory<byte> buffer, CancellationToken token) => reader.ReadIntoAsync(buffer, token);

    protected override ValueTask WriteHereAsync(ReadOnlyMemory<byte> buffer, CancellationToken token) => writer.WriteAndFlushAsync(buffer, token);
}
