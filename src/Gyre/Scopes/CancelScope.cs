using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Gyre.Diagnostics;
using Gyre.Loop;
using Gyre.Scopes;
using Gyre.Time;

namespace Gyre;

/// <summary>
/// A region of code that can be cancelled as one, at once or at a deadline. In a cancelled scope every Gyre wait throws
/// <see cref="OperationCanceledException"/> until the scope is left; the scope that asked swallows it at its own edge.
/// </summary>
/// <remarks>
/// A scope takes its body, because a <c>Dispose</c> can neither see nor swallow the exception in flight. Members are used on
/// the loop's thread; <see cref="Token"/> may be given to any code.
/// </remarks>
[DebuggerDisplay("cancel requested = {_context.IsCancelRequested}, deadline = {_deadline}")]
public sealed partial class CancelScope
{
    private const string ByToken = "its token was cancelled";

    private readonly EventLoop _loop;
    private readonly ScopeContext _context;
    private readonly ScopeContext _outer;
    private DeadlineTimer? _timer;
    private long _deadline = Time.Deadline.Never;
    private TimeSpan? _failsAfter;
    private bool _expired;
    private bool _left;
    private Exception? _failure;

    private CancelScope(EventLoop loop)
    {
        _loop = loop;
        _outer = ScopeContext.Resolve(loop);
        _context = new ScopeContext(loop, _outer.Node, _outer, new Owner(this));
    }

    /// <summary>Whether <see cref="Cancel"/> was called, or the deadline passed.</summary>
    /// <exception cref="InvalidOperationException">This isn't the scope's loop's thread.</exception>
    public bool IsCancelRequested => Checked().IsCancelRequested;

    /// <summary>Whether waits inside throw: this scope or one around it is cancelled.</summary>
    /// <inheritdoc cref="IsCancelRequested" path="/exception"/>
    public bool IsCancelled => Checked().IsCancelled;

    /// <summary>Whether the body ended because of this scope's cancellation, which the scope then swallowed.</summary>
    public bool CancelledCaught { get; private set; }

    /// <summary>Why the scope was cancelled; null when it wasn't, or no reason was given.</summary>
    /// <inheritdoc cref="IsCancelRequested" path="/exception"/>
    public string? Reason => Checked().Reason;

    /// <summary>
    /// A token that is cancelled with this scope, for APIs that take one. Unlike the scope it stays cancelled once a shield is
    /// raised.
    /// </summary>
    /// <exception cref="InvalidOperationException">This isn't the scope's loop's thread; hand the token itself to other
    /// threads.</exception>
    public CancellationToken Token
    {
        get
        {
            return Checked().Token;
        }
    }

    /// <summary>
    /// When the scope cancels itself, on the clock of <see cref="EventLoop.Time"/>; null for never. May be moved while the
    /// body runs, not after it was left. A time that has passed cancels in the next turn; any negative one has, but
    /// for <see cref="Timeout.InfiniteTimeSpan"/>, which stands for never as well.
    /// </summary>
    /// <exception cref="InvalidOperationException">The scope was left, or this isn't its loop's thread.</exception>
    public TimeSpan? Deadline
    {
        get
        {
            _loop.VerifyAccess(this);
            return OnClock(_loop, _deadline);
        }

        set
        {
            VerifyUse();
            SetDeadline(value is { } time ? _loop.DeadlineAt(time) : Time.Deadline.Never);
        }
    }

    /// <summary>
    /// When waits here end at the latest: the earliest deadline of this scope and those around it, up to a shield; null for
    /// never. On the clock of <see cref="EventLoop.Time"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">This isn't the scope's loop's thread.</exception>
    public TimeSpan? EffectiveDeadline => OnClock(_loop, Checked().EffectiveDeadline());

    /// <summary>The <see cref="EffectiveDeadline"/> of the code that asks, whatever scopes it runs in; null for never.</summary>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static TimeSpan? CurrentEffectiveDeadline =>
        OnClock(EventLoop.Current, ScopeContext.Resolve(EventLoop.Current).EffectiveDeadline());

    /// <summary>
    /// A token that is cancelled with the scope of the code that asks, or with one around it, for APIs that take a token. A scope makes
    /// its token when first asked.
    /// </summary>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static CancellationToken CurrentToken => ScopeContext.Resolve(EventLoop.Current).Token;

    /// <summary>
    /// Keeps cancellation from outside out while true; the scope's own still counts. Takes effect at once. Default false.
    /// </summary>
    /// <exception cref="InvalidOperationException">The scope was left, or this isn't its loop's thread.</exception>
    public bool Shield
    {
        get => Checked().IsShielded;
        set
        {
            VerifyUse();
            _context.SetShield(value);
        }
    }

    /// <summary>
    /// Cancels the scope; once is enough, the first reason counts. Has no effect after it was left. Never throws into the
    /// caller.
    /// </summary>
    /// <param name="reason">Why, for messages.</param>
    /// <exception cref="InvalidOperationException">This isn't the scope's loop's thread.</exception>
    public void Cancel(string? reason = null)
    {
        _loop.VerifyAccess(this);
        if (!_left)
        {
            _context.Cancel(reason);
        }
    }

    /// <summary>Runs <paramref name="body"/> in a scope of its own and waits for it.</summary>
    /// <returns>The scope; <see cref="CancelledCaught"/> tells whether it ended the body.</returns>
    /// <remarks>
    /// Not a checkpoint by itself. Exceptions of the body pass through, but for the cancellation that this scope asked for.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static Task<CancelScope> RunAsync(Func<CancelScope, Task> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return new CancelScope(EventLoop.Current).EnterAsync(body);
    }

    /// <summary>
    /// Runs <paramref name="body"/> in a scope of its own that is cancelled when <paramref name="cancellationToken"/> is, from
    /// whatever thread; the scope then swallows the cancellation, as if <see cref="Cancel"/> had been called.
    /// </summary>
    /// <param name="body">The work.</param>
    /// <param name="cancellationToken">For example the one that a BCL interface hands in.</param>
    /// <inheritdoc cref="RunAsync(Func{CancelScope, Task})" path="/returns"/>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static async Task<CancelScope> RunAsync(Func<CancelScope, Task> body, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(body);
        var scope = new CancelScope(EventLoop.Current);
        scope._outer.Enter();
        try
        {
            using CancellationTokenRegistration registration =
                cancellationToken.UnsafeRegister(static scope => ((CancelScope)scope!).CancelByToken(), scope);
            return await scope.EnterAsync(body);
        }
        finally
        {
            scope._outer.Exit();
        }
    }

    /// <summary>Runs <paramref name="body"/>; when <paramref name="timeout"/> passes first, cancels it and goes on behind it.</summary>
    /// <inheritdoc cref="RunAsync(Func{CancelScope, Task})" path="/returns"/>
    /// <remarks><see cref="Timeout.InfiniteTimeSpan"/> sets no deadline; it can be set later, by <see cref="Deadline"/>.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The time-out is negative.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static Task<CancelScope> MoveOnAfterAsync(TimeSpan timeout, Func<CancelScope, Task> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        EventLoop loop = EventLoop.Current;
        long deadline = Time.Deadline.After(loop.Now, timeout);
        var scope = new CancelScope(loop);
        scope.SetDeadline(deadline);
        return scope.EnterAsync(body);
    }

    /// <summary>Runs <paramref name="body"/>; when <paramref name="timeout"/> passes first, cancels it and throws.</summary>
    /// <exception cref="TimeoutException">The time-out passed and ended the body.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time-out is negative.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static Task FailAfterAsync(TimeSpan timeout, Func<CancelScope, Task> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        EventLoop loop = EventLoop.Current;
        long deadline = Time.Deadline.After(loop.Now, timeout);
        var scope = new CancelScope(loop) { _failsAfter = timeout };
        scope.SetDeadline(deadline);
        return scope.EnterAsync(body);
    }

    /// <inheritdoc/>
    public override string ToString() => $"A cancel scope of loop '{_loop.Name}'";

    private async Task<CancelScope> EnterAsync(Func<CancelScope, Task> body)
    {
        _outer.Enter();
        Exception? cancellation = null;
        try
        {
            await Start(body);
        }
        catch (Exception end) when (_context.IsCancelRequested && !IsCancelledFromOutside && _context.IsEndByCancellation(end))
        {
            CancelledCaught = true;
            cancellation = _expired && _failsAfter is { } timeout ? new TimeoutException($"The work didn't end within {timeout}.") : null;
        }
        catch (Exception end) when (end is OperationCanceledException || _context.IsEndByCancellation(end))
        {
            cancellation = end;
        }
#pragma warning disable CA1031 // Rethrown below, together with the failures of callbacks.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            _failure = FurtherFailures.Add(_failure, thrown);
        }

        _context.ReportLostFailures();
        Leave();
        _outer.Exit();
        if ((_failure ?? cancellation) is { } outcome)
        {
            ExceptionDispatchInfo.Throw(outcome);
        }

        return this;
    }

    private Task Start(Func<CancelScope, Task> body)
    {
        using ContextSwitch inside = ContextSwitch.Into(_context);
        return body(this) ?? throw new InvalidOperationException("The body of a scope returned null instead of a task.");
    }

    /// <summary>A cancellation from outside must go on outwards, unless it is the shield that let this scope alone be cancelled.</summary>
    private bool IsCancelledFromOutside => _outer.IsCancelled && !_context.IsShielded;

    private void CancelByToken()
    {
        if (_loop.HasAccess)
        {
            Cancel(ByToken);
        }
        else
        {
            _loop.TryPost(new ReadyItem(static scope => ((CancelScope)scope!).Cancel(ByToken), this, _loop.Root, RestoreContext: false));
        }
    }

    private void Leave()
    {
        _left = true;
        SetDeadline(Time.Deadline.Never);
        _context.Leave();
    }

    private void SetDeadline(long deadline)
    {
        _deadline = deadline;
        if (_timer is not null)
        {
            _loop.RemoveTimer(_timer);
        }

        if (deadline != Time.Deadline.Never && !_context.IsCancelRequested)
        {
            _timer ??= new DeadlineTimer(this);
            _loop.AddTimer(_timer, deadline);
        }
    }

    private static TimeSpan? OnClock(EventLoop loop, long deadline) =>
        deadline == Time.Deadline.Never ? null : Time.Deadline.ToTimeSpan(deadline - loop.Epoch);

    private ScopeContext Checked()
    {
        _loop.VerifyAccess(this);
        return _context;
    }

    private void VerifyUse()
    {
        _loop.VerifyAccess(this);
        if (_left)
        {
            throw new InvalidOperationException("The scope was left; only a scope whose body runs can be changed.");
        }
    }

    private sealed class DeadlineTimer(CancelScope scope) : TimerEntry
    {
        protected internal override void OnDue()
        {
            scope._expired = !scope._context.IsCancelRequested;
            scope._context.Cancel("the deadline passed");
        }
    }

    private sealed class Owner(CancelScope scope) : IScopeOwner
    {
        public ScopeKind Kind => ScopeKind.Scope;

        public long Deadline => scope._deadline;

        /// <summary>A failed callback cancels what is left of the scope; the scope throws it at its edge.</summary>
        public void OnUnobservedFailure(Exception failure)
        {
            if (scope._left)
            {
                scope._outer.Fail(failure);
                return;
            }

            scope._failure = FurtherFailures.Add(scope._failure, failure);
            scope._context.Cancel($"a callback failed: {failure.Message}");
        }
    }
}
