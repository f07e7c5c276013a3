namespace Gyre.Channels;

/// <summary>A caller without a loop that waits at a channel between loops, by a task.</summary>
/// <param name="gate">The channel's lock.</param>
internal sealed class RemoteThreadWait<TResult>(Lock gate) : RemoteWait<TResult>
{
    private readonly TaskCompletionSource<TResult> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _registration;

    public Task<TResult> Task => _outcome.Task;

    /// <summary>After it was queued, and not under the lock: a token that is cancelled already ends it right here.</summary>
    public void Register(CancellationToken token)
    {
        if (!token.CanBeCanceled)
        {
            return;
        }

        CancellationTokenRegistration registration =
            token.UnsafeRegister(static (self, token) => ((RemoteThreadWait<TResult>)self!).Abort(token), this);
        bool waits;
        lock (gate)
        {
            waits = IsQueued;
            if (waits)
            {
                _registration = registration;
            }
        }

        // It was chosen before it could say how to give up; a token that lives on would keep it.
        if (!waits)
        {
            registration.Unregister();
        }
    }

    public override bool TryDeliver(TResult result, Exception? failure)
    {
        _registration.Unregister();
        if (failure is null)
        {
            _outcome.SetResult(result);
        }
        else
        {
            _outcome.SetException(failure);
        }

        return true;
    }

    private void Abort(CancellationToken token)
    {
        lock (gate)
        {
            if (!IsQueued)
            {
                return;
            }

            Leave();
        }

        _outcome.SetCanceled(token);
    }
}
