using System.Threading.Channels;

namespace Gyre.Channels;

/// <summary>The writing end of a <see cref="CrossLoopChannel{T}"/>.</summary>
internal sealed class CrossLoopWriter<T>(CrossLoopCore<T> core) : ChannelWriter<T>
{
    public override bool TryWrite(T item) => core.TryWrite(item);

    public override ValueTask WriteAsync(T item, CancellationToken cancellationToken = default) => core.WriteAsync(item, cancellationToken);

    public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default) => core.WaitToWriteAsync(cancellationToken);

    public override bool TryComplete(Exception? error = null) => core.Close(error);

    public override string ToString() => core.Name;
}
