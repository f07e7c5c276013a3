using System.Diagnostics;
using System.Threading.Channels;
using Gyre.Loop;

namespace Gyre.Channels;

/// <summary>A channel between coroutines of one loop, made by <see cref="LoopChannel"/>: no locks, no posts, nothing allocated for a wait.</summary>
/// <inheritdoc cref="LoopReader{T}" path="/remarks"/>
/// <typeparam name="T">The type of the items.</typeparam>
[DebuggerDisplay("{_core.Name,nq}: {_core.Count} of {_core.Capacity}, {_core.ReadersWaiting} reading, {_core.WritersWaiting} writing")]
public sealed class LoopChannel<T> : Channel<T>
{
    private readonly ChannelCore<T> _core;
    private readonly ChannelEnds<T> _ends = new();

    internal LoopChannel(EventLoop loop, ChannelShape<T> shape)
    {
        _core = new ChannelCore<T>(loop, new FifoStore<T>(), shape);
        base.Reader = Reader = new LoopReader<T>(_core, _ends);
        base.Writer = Writer = new LoopWriter<T>(_core, _ends);
    }

    /// <summary>The first reading end.</summary>
    public new LoopReader<T> Reader { get; }

    /// <summary>The first writing end.</summary>
    public new LoopWriter<T> Writer { get; }

    /// <summary>Its name in the tree and in messages. Any thread.</summary>
    public string Name => _core.Name;

    /// <summary>What is in it and who waits.</summary>
    public ChannelStatistics Statistics => _core.Loop.HasAccess ? Look() : HomeCall.Run(_core.Loop, this, Look);

    /// <inheritdoc/>
    public override string ToString() => _core.Name;

    private ChannelStatistics Look() => new(
        _core.Count, _core.Capacity, _core.ReadersWaiting, _core.WritersWaiting, _ends.Readers, _ends.Writers, _core.IsClosed);
}
