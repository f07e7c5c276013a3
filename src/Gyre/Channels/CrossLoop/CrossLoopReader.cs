using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Gyre.Channels;

/// <summary>The reading end of a <see cref="CrossLoopChannel{T}"/>.</summary>
internal sealed class CrossLoopReader<T>(CrossLoopCore<T> core) : ChannelReader<T>
{
    public override Task Completion => core.Completion;

    public override bool CanCount => true;

    public override int Count => core.Count;

    public override bool CanPeek => true;

    public override bool TryRead([MaybeNullWhen(false)] out T item) => core.TryRead(out item);

    public override bool TryPeek([MaybeNullWhen(false)] out T item) => core.TryPeek(out item);

    public override ValueTask<T> ReadAsync(CancellationToken cancellationToken = default) => core.ReadAsync(cancellationToken);

    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => core.WaitToReadAsync(cancellationToken);

    public override string ToString() => core.Name;
}
