using System.Threading.Channels;

namespace Gyre.Channels;

/// <summary>A case that is ready when a channel has an item, or will have none any more.</summary>
/// <typeparam name="T">The type of the items.</typeparam>
public sealed class SelectReceive<T> : SelectCase
{
    private readonly ISource<T> _source;
    private readonly Place _place;
    private T? _item;

    internal SelectReceive(Select owner, ISource<T> source)
        : base(owner)
    {
        _source = source;
        _place = new Place(this);
    }

    /// <summary>Whether it was chosen because the channel is closed and its last item taken.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>What was received when it was last chosen.</summary>
    /// <exception cref="ChannelClosedException">It was chosen because the channel is closed; see <see cref="IsClosed"/>.</exception>
    public T Item => IsClosed ? throw ClosedError.Of(_source, _source.Failure) : _item!;

    internal override bool IsReady => _source.IsReady(Owner);

    /// <inheritdoc/>
    public override string ToString() => $"receive from {_source}";

    internal override void Take()
    {
        IsClosed = !_source.TryTake(Owner, out T item);
        _item = item;
    }

    internal override void Begin() => _source.Add(_place);

    internal override void Withdraw() => _place.Leave();

    private sealed class Place(SelectReceive<T> self) : Receiver<T>
    {
        public override Select Select => self.Owner;

        public override void OnGiven(T item)
        {
            self.IsClosed = false;
            self._item = item;
            self.Owner.OnFired(self, failure: null);
        }

        public override void OnEnded(Exception? failure)
        {
            self.IsClosed = true;
            self._item = default;
            self.Owner.OnFired(self, failure: null);
        }
    }
}
