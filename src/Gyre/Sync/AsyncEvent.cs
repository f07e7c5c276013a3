using System.Diagnostics;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre.Sync;

/// <summary>A flag that flows wait for: set, it lets everybody through until it is cleared.</summary>
/// <remarks>
/// Whoever waited when it was set goes on, even if it is cleared before they run. Belongs to the loop that first uses it;
/// members are used on that loop's thread.
/// </remarks>
[DebuggerDisplay("{ToString(),nq}, {_waits.Count} waiting")]
public sealed class AsyncEvent : IHomed
{
    private readonly WaitQueue<bool> _waits;
    private HomeLoop _home;
    private bool _isSet;

    /// <summary>An event. Any thread.</summary>
    /// <param name="isSet">Whether it is set to begin with.</param>
    /// <param name="name">Its name in the tree and in messages.</param>
    public AsyncEvent(bool isSet = false, string? name = null)
    {
        _isSet = isSet;
        Name = name ?? "an event";
        _waits = new WaitQueue<bool>(this, keptMax: 1024);
    }

    /// <summary>Its name in the tree and in messages. Any thread.</summary>
    public string Name { get; }

    /// <summary>Whether it lets everybody through.</summary>
    public bool IsSet => _isSet;

    /// <summary>Flows that wait.</summary>
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

    /// <summary>Lets everybody through who waits, and whoever comes until it is cleared. Not a checkpoint.</summary>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public void Set()
    {
        _home.Enter(this);
        _isSet = true;
        _waits.GiveAll(true);
    }

    /// <summary>Makes whoever comes from now on wait. Not a checkpoint.</summary>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public void Clear()
    {
        _home.Enter(this);
        _isSet = false;
    }

    /// <summary>Waits until it is set. A checkpoint; goes on at once when it is.</summary>
    /// <param name="cancellationToken">Ends this wait alone.</param>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public ValueTask WaitAsync(CancellationToken cancellationToken = default)
    {
        EventLoop loop = _home.Enter(this);
        ScopeContext context = ScopeContext.Resolve(loop);
        if (WaitSource.CancellationOf(context, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException(cancellation);
        }

        if (!_isSet)
        {
            return _waits.Enqueue(loop, context, cancellationToken).Untyped;
        }

        return --loop.Budget > 0 ? default : _waits.InNextTurn(loop, context, true).Untyped;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}, {(_isSet ? "set" : "not set")}";

    void IHomed.ForgetFlows() => _waits.Forget();
}
