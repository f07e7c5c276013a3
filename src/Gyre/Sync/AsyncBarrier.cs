using System.Diagnostics;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre.Sync;

/// <summary>Lets a fixed number of flows meet: each waits until all have come, then all go on, and it serves the next round.</summary>
/// <remarks>
/// A flow that is cancelled while it waits has not come; the others go on waiting for somebody in its place. Belongs to the
/// loop that first uses it; members are used on that loop's thread.
/// </remarks>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class AsyncBarrier : IHomed
{
    private readonly WaitQueue<int> _waits;
    private HomeLoop _home;
    private string? _brokenBecause;

    /// <summary>A barrier. Any thread.</summary>
    /// <param name="parties">How many flows meet.</param>
    /// <param name="name">Its name in the tree and in messages.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no parties, or fewer.</exception>
    public AsyncBarrier(int parties, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(parties);
        Parties = parties;
        Name = name ?? "a barrier";
        _waits = new WaitQueue<int>(this, keptMax: 1024);
    }

    /// <summary>Its name in the tree and in messages. Any thread.</summary>
    public string Name { get; }

    /// <summary>How many flows meet.</summary>
    public int Parties { get; }

    /// <summary>Flows that have come and wait for the others.</summary>
    public int Waiting => _waits.Count;

    /// <summary>How it stands and who waits.</summary>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public WaitStatistics Statistics
    {
        get
        {
            _home.Enter(this);
            return new WaitStatistics(ToString(), _waits.Waiters());
        }
    }

    /// <summary>Rounds that are complete.</summary>
    public long Rounds { get; private set; }

    /// <summary>Whether <see cref="Break"/> was called, and <see cref="Reset"/> wasn't since.</summary>
    public bool IsBroken => _brokenBecause is not null;

    /// <summary>Waits until all parties have come. A checkpoint, for the last as well.</summary>
    /// <param name="cancellationToken">Ends this wait alone.</param>
    /// <returns>The flow's place in the round, from 0 in order of coming: one of them may do what is to be done once.</returns>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled; the flow has not come.</exception>
    /// <exception cref="BarrierBrokenException">The barrier was broken.</exception>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public ValueTask<int> ArriveAndWaitAsync(CancellationToken cancellationToken = default)
    {
        EventLoop loop = _home.Enter(this);
        ScopeContext context = ScopeContext.Resolve(loop);
        if (WaitSource.CancellationOf(context, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException<int>(cancellation);
        }

        if (IsBroken)
        {
            return ValueTask.FromException<int>(Broken());
        }

        if (_waits.Count + 1 < Parties)
        {
            return _waits.Enqueue(loop, context, cancellationToken).Typed;
        }

        for (int place = 0; _waits.TryGive(place); place++)
        {
        }

        // The last comes through with the others, not before them.
        Rounds++;
        return _waits.InNextTurn(loop, context, Parties - 1).Typed;
    }

    /// <summary>Fails everybody who waits, and whoever comes until <see cref="Reset"/>. Not a checkpoint.</summary>
    /// <param name="reason">Why, for messages.</param>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public void Break(string? reason = null)
    {
        _home.Enter(this);
        _brokenBecause = reason ?? "no reason was given";
        _waits.FailAll(Broken);
    }

    /// <summary>Makes it usable again, and fails everybody who waits: their round is over. Not a checkpoint.</summary>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public void Reset()
    {
        _home.Enter(this);
        _brokenBecause = "it was reset";
        _waits.FailAll(Broken);
        _brokenBecause = null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}, {_waits.Count} of {Parties} waiting{(IsBroken ? ", broken" : "")}";

    void IHomed.ForgetFlows() => _waits.Forget();

    private BarrierBrokenException Broken() => new($"{Name} of {Parties} parties was broken: {_brokenBecause}.");
}
