using System.Diagnostics;
using Gyre.Loop;

namespace Gyre;

/// <summary>Offloaded work, seen from inside: whether it is to end, and the way back into the loop. Used by the thread that does the work.</summary>
[DebuggerDisplay("{Name}")]
public sealed class OffloadedWork
{
    private readonly ScopeContext _scope;
    private readonly CancellationTokenSource _cancellation = new();
    private volatile bool _isAbandoned;

    internal OffloadedWork(ScopeContext scope, string name)
    {
        _scope = scope;
        Name = name;
        Token = _cancellation.Token;
    }

    /// <summary>Its name in the tree and in messages.</summary>
    public string Name { get; }

    /// <summary>Cancelled when the caller is; for calls that take a token. Any thread.</summary>
    public CancellationToken Token { get; }

    /// <summary>Ends the work if the caller was cancelled: to be called now and then by work that computes for long.</summary>
    /// <exception cref="OperationCanceledException">It was.</exception>
    public void ThrowIfCancelled() => Token.ThrowIfCancellationRequested();

    /// <summary>Runs <paramref name="call"/> on the loop, in the caller's coroutine and scope, and blocks this thread until it has.</summary>
    /// <exception cref="OperationCanceledException">The work was abandoned.</exception>
    /// <exception cref="ObjectDisposedException">The loop has ended.</exception>
    /// <exception cref="Exception">What the call threw.</exception>
    /// <exception cref="InvalidOperationException">A loop runs the calling code, which must not block it.</exception>
    public void Invoke(Action call)
    {
        ArgumentNullException.ThrowIfNull(call);
        InvokeAsync(() =>
        {
            call();
            return Task.FromResult(true);
        });
    }

    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <inheritdoc cref="Invoke(Action)"/>
    public T Invoke<T>(Func<T> call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return InvokeAsync(() => Task.FromResult(call()));
    }

    /// <summary>As the other overloads, for a call that waits: this thread blocks until the coroutine's answer is there.</summary>
    /// <inheritdoc cref="Invoke(Action)" path="/exception"/>
    public void Invoke(Func<Task> call)
    {
        ArgumentNullException.ThrowIfNull(call);
        InvokeAsync(async () =>
        {
            await call();
            return true;
        });
    }

    /// <typeparam name="T">The type of the answer.</typeparam>
    /// <inheritdoc cref="Invoke(Func{Task})"/>
    public T Invoke<T>(Func<Task<T>> call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return InvokeAsync(call);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Tells the work that its caller was cancelled. Callbacks of the token run on the pool: user code has no place in an abort.</summary>
    internal void Cancel()
    {
        Task told = _cancellation.CancelAsync();
        if (!told.IsCompletedSuccessfully)
        {
            _ = TakeFailuresAsync(told);
        }
    }

    /// <summary>A callback of the token that fails is a failure of the caller's scope, as with the token of a scope.</summary>
    private async Task TakeFailuresAsync(Task told)
    {
        try
        {
            await told.ConfigureAwait(false);
        }
        catch (AggregateException failures)
        {
            Action fail = () =>
            {
                foreach (Exception failure in failures.InnerExceptions)
                {
                    _scope.Fail(failure);
                }
            };

            // A loop that has ended has nobody left who could fail.
            _scope.Loop.TryPost(new ReadyItem(static fail => ((Action)fail!)(), fail, _scope, RestoreContext: false));
        }
    }

    /// <summary>The caller has left; the scope may be gone.</summary>
    internal void Abandon() => _isAbandoned = true;

    private T InvokeAsync<T>(Func<Task<T>> call)
    {
        EventLoop loop = _scope.Loop;
        if (EventLoop.CurrentOrNull is { } current)
        {
            throw new InvalidOperationException(
                $"{Name} asked loop '{loop.Name}' for an answer on the thread of loop '{current.Name}', which would block that. " +
                "Invoke is for the thread that does the work.");
        }

        ThrowIfAbandoned(loop);
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var home = new FlowedCallback(() => AnswerAsync(call, answer));
        if (!loop.TryPost(new ReadyItem(FlowedCallback.Invoke, home, _scope, RestoreContext: true)))
        {
            throw Ended(loop);
        }

        try
        {
            answer.Task.Wait(loop.Ended);
        }
        catch (OperationCanceledException) when (!answer.Task.IsCompleted)
        {
            throw Ended(loop);
        }
        catch (Exception ended) when (ended is AggregateException or OperationCanceledException)
        {
            // The answer is there, and is asked for below, where it throws what it failed with as itself.
        }

        return answer.Task.GetAwaiter().GetResult();
    }

    /// <summary>On the loop, in the caller's scope.</summary>
    private async void AnswerAsync<T>(Func<Task<T>> call, TaskCompletionSource<T> answer)
    {
        try
        {
            // The caller may have left between the question and this turn, and his scope with him.
            ThrowIfAbandoned(_scope.Loop);
            Task<T> answering = call() ?? throw new InvalidOperationException("A call from offloaded work returned null instead of a task.");
            answer.SetResult(await answering);
        }
#pragma warning disable CA1031 // The failure belongs to the work that asked.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            answer.SetException(failure);
        }
    }

    private void ThrowIfAbandoned(EventLoop loop)
    {
        if (_isAbandoned)
        {
            throw new OperationCanceledException($"{Name} was abandoned: nobody is left on loop '{loop.Name}' to answer it.", Token);
        }
    }

    private ObjectDisposedException Ended(EventLoop loop) =>
        new($"EventLoop '{loop.Name}'", $"Loop '{loop.Name}' has ended and can't answer {Name}.");
}
