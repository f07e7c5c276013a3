using System.Runtime.CompilerServices;
using Gyre.Coroutines;
using Gyre.Loop;

namespace Gyre;

/// <summary>
/// A placeholder for a value: settled once by whoever comes by the value, awaited by any number of flows.
/// </summary>
/// <inheritdoc cref="Future" path="/remarks"/>
/// <typeparam name="T">The type of the value.</typeparam>
public class Future<T> : Waitable
{
    private T? _result;

    /// <inheritdoc cref="Future(string?)"/>
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

    /// <summary>The value. Never blocks, no checkpoint.</summary>
    /// <exception cref="InvalidOperationException">It isn't done, or this isn't its loop's thread.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="Exception">What it failed with.</exception>
    public T Result
    {
        get
        {
            ThrowUnlessSucceeded();
            return _result!;
        }
    }

    /// <summary>Waits for the value; throws what it failed with. Any number of flows may wait. A checkpoint when it is pending.</summary>
    /// <inheritdoc cref="Waitable.WaitAsync"/>
    public new ValueTask<T> WaitAsync(CancellationToken cancellationToken = default)
    {
        if (IsWaitOver(cancellationToken, out Exception? refusal))
        {
            return refusal is null ? new ValueTask<T>(_result!) : new ValueTask<T>((Task<T>)RefusalOf(refusal));
        }

        var wait = new FutureWait<T>(this);
        ValueTask<T> waiting = wait.ParkAsync(cancellationToken);
        if (wait.IsParked)
        {
            AddObserver(wait);
        }

        return waiting;
    }

    /// <summary>Waits for the value in a cooperative thread, which alone may; throws what it failed with. A checkpoint when it is pending.</summary>
    /// <inheritdoc cref="Waitable.Wait"/>
    public new T Wait(CancellationToken cancellationToken = default)
    {
        if (!IsDone)
        {
            CooperativeThread.VerifyCurrent();
        }

        return CooperativeThread.Await(WaitAsync(cancellationToken));
    }

    /// <summary>Makes <c>await</c> work; the same as awaiting <see cref="WaitAsync"/>.</summary>
    public new ValueTaskAwaiter<T> GetAwaiter() => WaitAsync().GetAwaiter();

    /// <summary>Settles it with a value.</summary>
    /// <exception cref="InvalidOperationException">It has settled already, or this isn't its loop's thread.</exception>
    public void SetResult(T result)
    {
        if (!TrySetResult(result))
        {
            throw SettledAlready();
        }
    }

    /// <summary>Settles it with a value, unless that has happened already.</summary>
    /// <returns>False when it has settled already.</returns>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public bool TrySetResult(T result)
    {
        VerifySettable();
        return TrySettleWith(result);
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

    /// <inheritdoc cref="Future.AddDoneCallback"/>
    public void AddDoneCallback(Action<Future<T>> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Loop.VerifyAccess(this);
        AddObserver(new DoneCallback<Future<T>>(callback, ScopeContext.Resolve(Loop)));
    }

    /// <inheritdoc cref="Future.RemoveDoneCallback"/>
    public int RemoveDoneCallback(Action<Future<T>> callback) =>
        RemoveObservers(observer => observer is DoneCallback<Future<T>> known && known.Is(callback));

    /// <inheritdoc cref="Future.AsTask"/>
    public Task<T> AsTask()
    {
        Loop.VerifyAccess(this);
        var outcome = new TaskOutcome<T>();
        AddObserver(outcome);
        return outcome.Task;
    }

    /// <summary>The value of one that has succeeded.</summary>
    internal T Value => _result!;

    private protected bool TrySettleWith(T result)
    {
        Loop.VerifyAccess(this);
        if (IsDone)
        {
            return false;
        }

        _result = result;
        return TrySettleSucceeded();
    }

    private protected override Task TaskOf(Exception thrown) => Task.FromException<T>(thrown);

    /// <inheritdoc cref="Future.VerifySettable"/>
    private protected virtual void VerifySettable()
    {
    }
}
