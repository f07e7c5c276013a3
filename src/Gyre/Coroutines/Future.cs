using Gyre.Coroutines;
using Gyre.Loop;

namespace Gyre;

/// <summary>
/// A placeholder for something that will have happened: settled once by whoever makes it happen, awaited by any number of
/// flows.
/// </summary>
/// <remarks>
/// Members are used on the loop's thread; from another thread go through <see cref="EventLoop.PostFromAnyThread"/>, and hand
/// out <see cref="AsTask"/>. Completion callbacks and waiting flows run in a later step, never inside the setter.
/// </remarks>
public partial class Future : Waitable
{
    /// <summary>Makes a pending future on the current loop.</summary>
    /// <param name="name">Its name in messages; null for none.</param>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
#pragma warning disable RS0022 // Nobody outside can derive from it: what it needs of its base is private protected.
    public Future(string? name = null)
        : base(ScopeContext.Resolve(EventLoop.Current), name)
    {
    }
#pragma warning restore RS0022

    internal Future(ScopeContext scope, string? name)
        : base(scope, name)
    {
    }

    /// <summary>Checks that it succeeded. Never blocks, no checkpoint.</summary>
    /// <exception cref="InvalidOperationException">It isn't done, or this isn't its loop's thread.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="Exception">What it failed with.</exception>
    public void ThrowIfNotSucceeded() => ThrowUnlessSucceeded();

    /// <summary>Settles it.</summary>
    /// <exception cref="InvalidOperationException">It has settled already, or this isn't its loop's thread.</exception>
    public void SetResult()
    {
        if (!TrySetResult())
        {
            throw SettledAlready();
        }
    }

    /// <summary>Settles it, unless that has happened already.</summary>
    /// <returns>False when it has settled already.</returns>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public bool TrySetResult()
    {
        VerifySettable();
        return TrySettleSucceeded();
    }

    /// <summary>Settles it with a failure.</summary>
    /// <inheritdoc cref="SetResult"/>
    public void SetException(Exception failure)
    {
        if (!TrySetException(failure))
        {
            throw SettledAlready();
        }
    }

    /// <summary>Settles it with a failure, unless that has happened already.</summary>
    /// <inheritdoc cref="TrySetResult"/>
    public bool TrySetException(Exception failure)
    {
        VerifySettable();
        return TrySettleFailed(failure);
    }

    /// <summary>
    /// Has <paramref name="callback"/> run in the current scope once it has settled; callbacks run in the order in which
    /// they were added, in the next turn when it has settled already.
    /// </summary>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public void AddDoneCallback(Action<Future> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Loop.VerifyAccess(this);
        AddObserver(new DoneCallback<Future>(callback, ScopeContext.Resolve(Loop)));
    }

    /// <summary>Takes out a callback that hasn't been queued yet, as often as it was added.</summary>
    /// <returns>How often that was.</returns>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public int RemoveDoneCallback(Action<Future> callback) =>
        RemoveObservers(observer => observer is DoneCallback<Future> known && known.Is(callback));

    /// <summary>A task that settles as this does, for code that takes one; any thread may await it. Made on the loop's thread.</summary>
    public Task AsTask()
    {
        Loop.VerifyAccess(this);
        var outcome = new TaskOutcome<bool>();
        AddObserver(outcome);
        return outcome.Task;
    }

    /// <summary>A coroutine settles as its body ends, whatever others would like.</summary>
    private protected virtual void VerifySettable()
    {
    }
}
