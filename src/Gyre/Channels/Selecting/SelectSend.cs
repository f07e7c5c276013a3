namespace Gyre.Channels;

/// <summary>A case that is ready when a channel has room for an item, or somebody who takes it. When it isn't chosen, nothing was sent.</summary>
/// <typeparam name="T">The type of the items.</typeparam>
public sealed class SelectSend<T> : SelectCase
{
    private readonly ISink<T> _sink;
    private readonly Place _place;
    private T _item;

    internal SelectSend(Select owner, ISink<T> sink, T item)
        : base(owner)
    {
        _sink = sink;
        _item = item;
        _place = new Place(this);
    }

    /// <summary>What is sent when it is chosen. May be changed between two waits.</summary>
    /// <exception cref="InvalidOperationException">The select waits now.</exception>
    public T Item
    {
        get => _item;
        set
        {
            Owner.VerifyIdle();
            _item = value;
        }
    }

    internal override bool IsReady => _sink.IsReady(Owner);

    /// <inheritdoc/>
    public override string ToString() => $"send to {_sink}";

    internal override void Take() => _sink.TryGive(Owner, _item);

    internal override void Begin()
    {
        _place.Item = _item;
        _sink.Add(_place);
    }

    internal override void Withdraw()
    {
        _place.Leave();
        _place.Item = default;
    }

    private sealed class Place(SelectSend<T> self) : Sender<T>
    {
        public override Select Select => self.Owner;

        public override void OnTaken() => self.Owner.OnFired(self, failure: null);

        public override void OnEnded(Exception? failure) => self.Owner.OnFired(self, ClosedError.Of(self._sink, failure));

        public override void OnRefused(Exception refusal) => self.Owner.OnFired(self, refusal);
    }
}
