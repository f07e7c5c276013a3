namespace Gyre.Net;

/// <summary>A connection as a stream.</summary>
internal sealed class ConnectionStream(TcpConnection connection, ConnectionReader reader, ConnectionWriter writer)
    : LoopStream(connection.Loop, connection)
{
    public override ValueTask DisposeAsync() => connection.DisposeAsync();

    protected override ValueTask<int> ReadHereAsync(Memory<byte> buffer, CancellationToken token) => reader.ReadIntoAsync(buffer, token);

    protected override ValueTask WriteHereAsync(ReadOnlyMemory<byte> buffer, CancellationToken token) =>
        writer.WriteAndFlushAsync(buffer.Span, token);
}
