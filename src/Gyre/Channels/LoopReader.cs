using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Gyre.Channels;

/// <summary>
/// A reading end of a <see cref="LoopChannel{T}"/>. Ends can be cloned; once the last one is disposed, nobody will take what is
/// written: what is stored is dropped, and writers get a <see cref="ChannelClosedException"/>.
/// </summary>
/// <inheritdoc cref="SourceReader{T}" path="/remarks"/>
/// <typeparam name="T">The type of the items.</typeparam>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class LoopReader<T> : SourceReader<T>
{
    private readonly ChannelCore<T> _core;
    private readonly ChannelEnds<T> _ends;

    internal LoopReader(ChannelCore<T> core, ChannelEnds<T> ends)
        : base(core.Loop, core.Reads, core.ReadWatchers)
    {
        _core = core;
        _ends = ends;
        ends.Readers++;
    }

    /// <inheritdoc/>
    /// <remarks>Settles when the channel is closed and its last item taken. Any thread.</remarks>
    public override Task Completion => _core.Completion;

    /// <summary>Items that are stored. One that a waiting writer still holds isn't counted.</summary>
    public override int Count => OnHome(self => _core.Count);

    /// <inheritdoc/>
    public override bool CanPeek => true;

    internal override bool IsOver => _core.IsDone;

    internal override Exception? Failure => _core.Failure;

    /// <summary>Another reading end of the same channel. Each item goes to one of them.</summary>
    /// <exception cref="ObjectDisposedException">This end was disposed.</exception>
    public LoopReader<T> Clone() => OnHome(_ =>
    {
        VerifyOpen();
        return new LoopReader<T>(_core, _ends);
    });

    /// <summary>Looks at the item that is next, and leaves it. One that a waiting writer still holds isn't seen.</summary>
    /// <exception cref="ObjectDisposedException">This end was disposed.</exception>
    public override bool TryPeek([MaybeNullWhen(false)] out T item)
    {
        (bool seen, item) = OnHome(_ =>
        {
            VerifyOpen();
            return (_core.TryPeek(out T item), item);
        });
        return seen;
    }

    /// <inheritdoc/>
    public override string ToString() => _core.Name;

    internal override bool IsReady(Select? select) => _core.CanTake(select);

    internal override bool TryTake(Select? select, out T item) => _core.TryTake(select, out item);

    internal override void Add(Receiver<T> receiver)
    {
        receiver.End = this;
        _core.Add(receiver);
    }

    private protected override void OnDisposed() => _ends.OnReaderDisposed(_core, this);
}
