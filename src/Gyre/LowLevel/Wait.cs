using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;

namespace Gyre.LowLevel;

/// <summary>A wait that is woken with a value: what synchronisation and IO are built from.</summary>
/// <typeparam name="T">What the waker hands over.</typeparam>
/// <param name="loop">The loop on which the wait is parked and woken.</param>
/// <param name="onAborted">
/// Called when the wait ends early, before its flow goes on: take the waiter out of whatever queue it is in. Null when there
/// is nothing to undo.
/// </param>
public sealed class Wait<T>(EventLoop loop, Action<Wait<T>>? onAborted = null)
    : WaitSource(loop ?? throw new ArgumentNullException(nameof(loop))), IValueTaskSource<T>, IValueTaskSource
{
    private T? _result;

    /// <summary>
    /// Parks the current flow until <see cref="TryWake(T)"/>. A checkpoint: in a cancelled scope, or when
    /// <paramref name="token"/> is cancelled, it throws instead of parking.
    /// </summary>
    /// <param name="kind">The sort of wait, for the tree.</param>
    /// <param name="subject">What is waited for, for the tree and for error messages.</param>
    /// <param name="token">Ends this wait alone; costs nothing when default.</param>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">A flow is parked here already, or this isn't the loop's thread.</exception>
    public ValueTask<T> ParkAsync(WaitKind kind = WaitKind.Other, object? subject = null, CancellationToken token = default)
    {
        if (CancellationOf(Loop, token) is { } cancellation)
        {
            return ValueTask.FromException<T>(cancellation);
        }

        Park(kind, subject, token);
        return new ValueTask<T>(this, Version);
    }

    /// <summary>As <see cref="ParkAsync"/>, for waits whose value nobody reads.</summary>
    public ValueTask ParkWithoutValueAsync(WaitKind kind = WaitKind.Other, object? subject = null, CancellationToken token = default)
    {
        if (CancellationOf(Loop, token) is { } cancellation)
        {
            return ValueTask.FromException(cancellation);
        }

        Park(kind, subject, token);
        return new ValueTask(this, Version);
    }

    /// <summary>Wakes the parked flow with <paramref name="result"/>; it runs in the next turn, never inside this call.</summary>
    /// <returns>False when nobody is parked; the value was not delivered.</returns>
    /// <exception cref="InvalidOperationException">Somebody is parked, and this isn't the loop's thread.</exception>
    public bool TryWake(T result)
    {
        if (!IsParked)
        {
            return false;
        }

        Loop.VerifyAccess(this);
        _result = result;
        return Wake(exception: null);
    }

    /// <summary>Wakes the parked flow with an exception.</summary>
    /// <returns>False when nobody is parked.</returns>
    /// <exception cref="InvalidOperationException">This isn't the loop's thread.</exception>
    public bool TryWakeFailed(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        Loop.VerifyAccess(this);
        return Wake(exception);
    }

    T IValueTaskSource<T>.GetResult(short token)
    {
        TakeOutcome(token);
        T? result = _result;
        _result = default;
        return result!;
    }

    void IValueTaskSource.GetResult(short token)
    {
        TakeOutcome(token);
        _result = default;
    }

    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => StatusOf(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => StatusOf(token);

    void IValueTaskSource<T>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        SetContinuation(continuation, state, token, flags);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        SetContinuation(continuation, state, token, flags);

    private protected override bool OnAbort()
    {
        onAborted?.Invoke(this);
        return true;
    }
}
