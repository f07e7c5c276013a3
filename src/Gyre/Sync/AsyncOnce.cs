using System.Diagnostics;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre.Sync;

/// <summary>A value that is made once, by the first who needs it, while the others wait.</summary>
/// <remarks>
/// The factory runs in the flow, and so under the scope, of the caller that came first. If it fails there, or that caller is
/// cancelled, that caller alone is told, and the next in line makes the value: no failure is kept for ever. Belongs to the
/// loop that first uses it; members are used on that loop's thread.
/// </remarks>
/// <typeparam name="T">The type of the value.</typeparam>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class AsyncOnce<T> : IHomed
{
    private readonly Func<Task<T>> _factory;
    private readonly WaitQueue<bool> _waits;
    private HomeLoop _home;
    private T? _value;
    private bool _isMaking;

    /// <summary>A value that <paramref name="factory"/> will make. Any thread.</summary>
    /// <param name="factory">Called again only when it failed.</param>
    /// <param name="name">Its name in the tree and in messages.</param>
    public AsyncOnce(Func<Task<T>> factory, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(factory);
        _factory = factory;
        Name = name ?? "a value made once";
        _waits = new WaitQueue<bool>(this, keptMax: 64);
    }

    /// <summary>Its name in the tree and in messages. Any thread.</summary>
    public string Name { get; }

    /// <summary>Whether the value is there.</summary>
    public bool HasValue { get; private set; }

    /// <summary>Flows that wait for somebody else's making of it.</summary>
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

    /// <summary>The value; makes it, or waits for who does. A checkpoint; goes on at once when the value is there.</summary>
    /// <param name="cancellationToken">Ends the wait for somebody else's making of it; the factory isn't given it.</param>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled.</exception>
    /// <exception cref="Exception">What the factory failed with, when this flow called it.</exception>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public ValueTask<T> GetAsync(CancellationToken cancellationToken = default)
    {
        EventLoop loop = _home.Enter(this);
        ScopeContext context = ScopeContext.Resolve(loop);
        if (WaitSource.CancellationOf(context, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException<T>(cancellation);
        }

        return HasValue ? new ValueTask<T>(_value!) : new ValueTask<T>(WaitOrMakeAsync(loop, context, cancellationToken));
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}, {(HasValue ? "made" : _isMaking ? "being made" : "not made yet")}";

    void IHomed.ForgetFlows()
    {
        _waits.Forget();
        _isMaking = false;
    }

    private async Task<T> WaitOrMakeAsync(EventLoop loop, ScopeContext context, CancellationToken token)
    {
        context.Enter();
        try
        {
            // True says that it is this flow's turn to make it.
            if (!_isMaking || await _waits.Enqueue(loop, context, token).Typed)
            {
                await MakeAsync();
            }

            return _value!;
        }
        finally
        {
            context.Exit();
        }
    }

    private async Task MakeAsync()
    {
        _isMaking = true;
        try
        {
            Task<T> making = _factory() ?? throw new InvalidOperationException($"The factory of {Name} returned null instead of a task.");
            _value = await making;
            HasValue = true;
            _isMaking = false;
            _waits.GiveAll(false);
        }
        finally
        {
            // It failed, or its caller was cancelled; whoever is next stands in for it.
            if (!HasValue)
            {
                _isMaking = _waits.TryGive(true);
            }
        }
    }
}
