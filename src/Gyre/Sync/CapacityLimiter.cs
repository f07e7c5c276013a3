using System.Diagnostics;
using Gyre.Diagnostics;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre.Sync;

/// <summary>
/// Limits how much happens at a time, and knows on whose behalf: each borrower holds at most one token, and the total may be
/// changed while it is in use.
/// </summary>
/// <remarks>
/// First-in first-out, handed over directly. Belongs to the loop that first uses it; members are used on that loop's thread.
/// </remarks>
[DebuggerDisplay("{ToString(),nq}, {_waits.Count} waiting")]
public sealed class CapacityLimiter : IHomed
{
    private readonly WaitQueue<BorrowedToken> _waits;

    /// <summary>Who has a token, with its number; 0 for who waits for one.</summary>
    private readonly Dictionary<object, long> _borrowers = new(ReferenceEqualityComparer.Instance);
    private HomeLoop _home;
    private long _borrowings;
    private int _total;

    /// <summary>A limiter with all its tokens there. Any thread.</summary>
    /// <param name="tokens">How many may be borrowed at a time.</param>
    /// <param name="name">Its name in the tree and in messages.</param>
    /// <exception cref="ArgumentOutOfRangeException">There would be no token.</exception>
    public CapacityLimiter(int tokens, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokens);
        _total = tokens;
        Name = name ?? "a limiter";
        _waits = new WaitQueue<BorrowedToken>(this)
        {
            Aborted = wait => _borrowers.Remove(wait.Tag!),
        };
    }

    /// <summary>Its name in the tree and in messages. Any thread.</summary>
    public string Name { get; }

    /// <summary>How many may be borrowed at a time; <see cref="int.MaxValue"/> for no limit.</summary>
    /// <remarks>
    /// Raised, it lets waiting borrowers in at once. Lowered below what is borrowed, it takes nobody's token: nobody gets in until enough
    /// came back.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">There would be no token.</exception>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public int TotalTokens
    {
        get => _total;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            _home.Enter(this);
            _total = value;
            LetIn();
        }
    }

    /// <summary>Tokens that are borrowed; may be above the total after that was lowered.</summary>
    public int BorrowedTokens => _borrowers.Count - _waits.Count;

    /// <summary>Tokens that are there; 0 while more are borrowed than there should be.</summary>
    public int AvailableTokens => Math.Max(0, _total - BorrowedTokens);

    /// <summary>Who holds tokens and who waits.</summary>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public CapacityLimiterStatistics Statistics
    {
        get
        {
            _home.Enter(this);
            return new CapacityLimiterStatistics(_total, [.. _borrowers.Where(static each => each.Value != 0).Select(static each => each.Key)], _waits.Count);
        }
    }

    /// <summary>Waits for a token and borrows it for the current coroutine. A checkpoint; goes on at once when one is there.</summary>
    /// <param name="cancellationToken">Ends this wait alone.</param>
    /// <returns>What gives it back: <c>using (await limiter.AcquireAsync()) { … }</c>.</returns>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled; nothing was borrowed.</exception>
    /// <exception cref="InvalidOperationException">
    /// The coroutine holds a token or waits for one already, the code runs in no coroutine, or this isn't its loop's thread.
    /// </exception>
    public ValueTask<BorrowedToken> AcquireAsync(CancellationToken cancellationToken = default) =>
        AcquireOnBehalfOfAsync(CurrentCoroutine(), cancellationToken);

    /// <summary>As <see cref="AcquireAsync"/>, for a borrower of the caller's choice: an object that stands for what is done with the token.</summary>
    /// <param name="borrower">Told apart from others by reference.</param>
    /// <param name="cancellationToken">Ends this wait alone.</param>
    /// <inheritdoc cref="AcquireAsync"/>
    public ValueTask<BorrowedToken> AcquireOnBehalfOfAsync(object borrower, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(borrower);
        EventLoop loop = _home.Enter(this);
        ScopeContext context = ScopeContext.Resolve(loop);
        if (WaitSource.CancellationOf(context, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException<BorrowedToken>(cancellation);
        }

        bool free = BorrowedTokens < _total && _waits.Count == 0;
        Register(borrower);
        if (!free)
        {
            return _waits.Enqueue(loop, context, cancellationToken, borrower).Typed;
        }

        BorrowedToken token = Lend(borrower);
        return --loop.Budget > 0 ? new ValueTask<BorrowedToken>(token) : _waits.InNextTurn(loop, context, token).Typed;
    }

    /// <summary>Borrows a token for <paramref name="borrower"/> if one is there. Never waits, no checkpoint.</summary>
    /// <param name="borrower">Told apart from others by reference; null for the current coroutine.</param>
    /// <param name="token">What gives it back, if it was borrowed.</param>
    /// <exception cref="InvalidOperationException">The borrower holds a token or waits for one already, or this isn't its loop's thread.</exception>
    public bool TryAcquire(object? borrower, out BorrowedToken token)
    {
        _home.Enter(this);
        borrower ??= CurrentCoroutine();
        if (BorrowedTokens >= _total || _waits.Count > 0)
        {
            token = default;
            return false;
        }

        Register(borrower);
        token = Lend(borrower);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}, {BorrowedTokens} of {_total} borrowed";

    void IHomed.ForgetFlows()
    {
        _waits.Forget();
        foreach (object waiting in _borrowers.Where(static each => each.Value == 0).Select(static each => each.Key).ToArray())
        {
            _borrowers.Remove(waiting);
        }
    }

    /// <summary>Takes a token back. A second time has no effect, as with any disposable, whatever its borrower has borrowed since.</summary>
    internal void Release(BorrowedToken token)
    {
        _home.Enter(this);
        if (_borrowers.TryGetValue(token.Borrower!, out long number) && number == token.Number)
        {
            _borrowers.Remove(token.Borrower!);
            LetIn();
        }
    }

    private object CurrentCoroutine() => ScopeContext.Resolve(_home.Enter(this)).Node
        ?? throw new InvalidOperationException($"No coroutine runs the code that asks {Name} for a token; use AcquireOnBehalfOfAsync.");

    private void Register(object borrower)
    {
        if (!_borrowers.TryAdd(borrower, 0))
        {
            throw new InvalidOperationException(
                $"{borrower} holds a token of {Name}, or waits for one, already; each borrower has one at most. " +
                "Flows of one coroutine that need one each name a borrower of their own: AcquireOnBehalfOfAsync(new object()).");
        }
    }

    private BorrowedToken Lend(object borrower)
    {
        long number = ++_borrowings;
        _borrowers[borrower] = number;
        return new BorrowedToken(this, borrower, number);
    }

    private void LetIn()
    {
        while (BorrowedTokens < _total && _waits.First is { } next)
        {
            _waits.TryGive(Lend(next.Tag!));
        }
    }
}
