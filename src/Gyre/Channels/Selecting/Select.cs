using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre.Channels;

/// <summary>
/// Waits for the first of several things: an item from a channel, room in one, a time that passes, a future that settles.
/// Exactly one is taken; the others take and lose nothing.
/// </summary>
/// <example>
/// <code>
/// var select = new Select();
/// var job = select.Receive(jobs.Reader);
/// var stop = select.Receive(stops.Reader);
/// while (await select.WaitAsync() == job) { Work(job.Item); }
/// </code>
/// </example>
/// <remarks>
/// Made once and waited on as often as needed, by one flow at a time; a wait allocates nothing. One channel may be in several
/// cases, and a select that both sends to a channel and receives from it doesn't trade with itself. Members are used on the
/// thread of the loop that it was made on.
/// </remarks>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class Select
{
    private readonly List<SelectCase> _cases = [];
    private readonly SelectOrder _order;
    private readonly CaseWait _wait;

    /// <summary>A select of the current loop, without cases.</summary>
    /// <param name="order">Which case to take when several are ready.</param>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public Select(SelectOrder order = SelectOrder.Random)
    {
        if (!Enum.IsDefined(order))
        {
            throw new ArgumentOutOfRangeException(nameof(order), order, "It is Random or Biased.");
        }

        _order = order;
        Loop = EventLoop.Current;
        _wait = new CaseWait(this);
    }

    internal EventLoop Loop { get; }

    /// <summary>Adds a case: an item from <paramref name="reader"/>.</summary>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="reader">The reading end of any channel of <c>Gyre.Channels</c>, of this loop.</param>
    /// <exception cref="ArgumentException">The channel isn't one of Gyre's.</exception>
    /// <exception cref="InvalidOperationException">The channel is another loop's, the select waits now, or this isn't its loop's thread.</exception>
    public SelectReceive<T> Receive<T>(ChannelReader<T> reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        VerifyIdle();
        ISource<T> source = reader as ISource<T> ?? throw Foreign(reader.GetType(), nameof(reader));
        source.Loop.VerifyAccess(source);
        return Added(new SelectReceive<T>(this, source));
    }

    /// <summary>Adds a case: an item from <paramref name="queue"/>.</summary>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="queue">Of this loop.</param>
    /// <exception cref="InvalidOperationException">The queue is another loop's, the select waits now, or this isn't its loop's thread.</exception>
    public SelectReceive<T> Receive<T>(AsyncQueue<T> queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        VerifyIdle();
        ((ISource<T>)queue).Loop.VerifyAccess(queue);
        return Added(new SelectReceive<T>(this, queue));
    }

    /// <summary>Adds a case: room for <paramref name="item"/> in a channel, or a reader who takes it.</summary>
    /// <typeparam name="T">The type of the item.</typeparam>
    /// <param name="writer">The writing end of any channel of <c>Gyre.Channels</c>, of this loop.</param>
    /// <param name="item">What to send; see <see cref="SelectSend{T}.Item"/>.</param>
    /// <exception cref="ArgumentException">The channel isn't one of Gyre's.</exception>
    /// <exception cref="InvalidOperationException">The channel is another loop's, the select waits now, or this isn't its loop's thread.</exception>
    public SelectSend<T> Send<T>(ChannelWriter<T> writer, T item)
    {
        ArgumentNullException.ThrowIfNull(writer);
        VerifyIdle();
        ISink<T> sink = writer as ISink<T> ?? throw Foreign(writer.GetType(), nameof(writer));
        sink.Loop.VerifyAccess(sink);
        return Added(new SelectSend<T>(this, sink, item));
    }

    /// <summary>Adds a case: <paramref name="delay"/> has passed since the wait began.</summary>
    /// <param name="delay">Zero is ready at once; <see cref="Timeout.InfiniteTimeSpan"/> never is.</param>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative.</exception>
    /// <exception cref="InvalidOperationException">The select waits now, or this isn't its loop's thread.</exception>
    public SelectAfter After(TimeSpan delay)
    {
        VerifyIdle();
        return Added(new SelectAfter(this, delay));
    }

    /// <summary>Adds a case: a future, coroutine or the like has settled, however it did.</summary>
    /// <param name="awaited">Of this loop.</param>
    /// <exception cref="InvalidOperationException">It is another loop's, the select waits now, or this isn't its loop's thread.</exception>
    public SelectSettled Settled(Waitable awaited)
    {
        ArgumentNullException.ThrowIfNull(awaited);
        VerifyIdle();
        awaited.Loop.VerifyAccess(awaited);
        return Added(new SelectSettled(this, awaited));
    }

    /// <summary>Waits until one of the enabled cases is ready, and takes it. A checkpoint; goes on at once when one is.</summary>
    /// <param name="cancellationToken">Ends this wait alone.</param>
    /// <returns>The case that was taken.</returns>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled; nothing was taken.</exception>
    /// <exception cref="ChannelClosedException">The case that was chosen was to send to a channel that is closed.</exception>
    /// <exception cref="InvalidOperationException">No case is enabled, another flow waits already, or this isn't its loop's thread.</exception>
    public ValueTask<SelectCase> WaitAsync(CancellationToken cancellationToken = default)
    {
        if (!ScopeContext.TryResolve(Loop, out ScopeContext? context) || _wait.IsInUse)
        {
            ThrowNotIdle();
        }

        if (WaitSource.CancellationOf(context, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException<SelectCase>(cancellation);
        }

        if (Choose(out bool anyEnabled) is not { } chosen)
        {
            return anyEnabled ? _wait.BeginAsync(context, cancellationToken) : throw NothingEnabled();
        }

        chosen.Take();
        return --Loop.Budget > 0 ? new ValueTask<SelectCase>(chosen) : _wait.GiveInNextTurn(context, chosen);
    }

    /// <summary>Takes one of the enabled cases if one is ready. Never waits, no checkpoint: what Go writes as <c>default</c>.</summary>
    /// <returns>The case that was taken; null when none is ready.</returns>
    /// <exception cref="ChannelClosedException">The case that was chosen was to send to a channel that is closed.</exception>
    /// <exception cref="InvalidOperationException">A flow waits already, or this isn't its loop's thread.</exception>
    public SelectCase? TryTake()
    {
        VerifyIdle();
        SelectCase? chosen = Choose(out _);
        chosen?.Take();
        return chosen;
    }

    /// <inheritdoc/>
    public override string ToString() => $"the first of: {string.Join(", ", _cases.Where(static one => one.IsEnabled))}";

    /// <summary>A case that waited is ready; it has left its queue. The others are withdrawn, so that none can fire as well.</summary>
    internal void OnFired(SelectCase fired, Exception? failure)
    {
        // Two cases may settle with one future, and then the first was it.
        if (_wait.IsParked)
        {
            WithdrawAll();
            _wait.End(fired, failure);
        }
    }

    internal void VerifyIdle()
    {
        if (!Loop.HasAccess || _wait.IsInUse)
        {
            ThrowNotIdle();
        }
    }

    [DoesNotReturn]
    private void ThrowNotIdle()
    {
        Loop.VerifyAccess(this);
        throw new InvalidOperationException("A flow waits for this select already; one at a time may, and nobody changes it meanwhile.");
    }

    private static ArgumentException Foreign(Type type, string parameter) => new(
        $"A select takes channels of Gyre.Channels; {type.Name} can't tell it who waits. Make one with LoopChannel, or await it in a coroutine " +
        "of its own and select that.",
        parameter);

    private static InvalidOperationException NothingEnabled() =>
        new("The select has no enabled case, so that nothing could end its wait. Add a case, or enable one.");

    private TCase Added<TCase>(TCase added)
        where TCase : SelectCase
    {
        _cases.Add(added);
        return added;
    }

    /// <summary>Each ready case has the same chance: the n-th takes the place of the earlier ones with one chance in n.</summary>
    private SelectCase? Choose(out bool anyEnabled)
    {
        SelectCase? chosen = null;
        int ready = 0;
        anyEnabled = false;
        foreach (SelectCase candidate in CollectionsMarshal.AsSpan(_cases))
        {
            if (!candidate.IsEnabled)
            {
                continue;
            }

            anyEnabled = true;
            if (candidate.IsReady && (++ready == 1 || Loop.Choices.Next(ready) == 0))
            {
                chosen = candidate;
                if (_order == SelectOrder.Biased)
                {
                    break;
                }
            }
        }

        return chosen;
    }

    private void WithdrawAll()
    {
        foreach (SelectCase one in CollectionsMarshal.AsSpan(_cases))
        {
            if (one.IsEnabled)
            {
                one.Withdraw();
            }
        }
    }

    private sealed class CaseWait(Select select) : WaitSource(select.Loop), IValueTaskSource<SelectCase>
    {
        private SelectCase? _fired;

        public ValueTask<SelectCase> BeginAsync(ScopeContext context, CancellationToken token)
        {
            foreach (SelectCase one in CollectionsMarshal.AsSpan(select._cases))
            {
                if (one.IsEnabled)
                {
                    one.Begin();
                }
            }

            // The token may end the wait right here, and then the cases are withdrawn.
            ParkIn(context, WaitKind.Select, select, token);
            return new ValueTask<SelectCase>(this, Version);
        }

        public ValueTask<SelectCase> GiveInNextTurn(ScopeContext context, SelectCase taken)
        {
            _fired = taken;
            GoOnInNextTurn(context);
            return new ValueTask<SelectCase>(this, Version);
        }

        public void End(SelectCase fired, Exception? failure)
        {
            _fired = fired;
            Wake(failure);
        }

        public SelectCase GetResult(short token)
        {
            Exception? failure = EndWait(token);
            SelectCase? fired = _fired;
            _fired = null;
            if (failure is not null)
            {
                ExceptionDispatchInfo.Throw(failure);
            }

            return fired!;
        }

        public ValueTaskSourceStatus GetStatus(short token) => StatusOf(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            SetContinuation(continuation, state, token, flags);

        private protected override bool OnAbort()
        {
            select.WithdrawAll();
            return true;
        }
    }
}
