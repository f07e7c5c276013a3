namespace Gyre.Coroutines;

/// <summary>The task that a future hands out.</summary>
internal sealed class TaskOutcome<T> : IFutureObserver
{
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _source.Task;

    public void OnSettled(Waitable settled)
    {
        switch (settled.State)
        {
            case FutureState.Succeeded:
                _source.SetResult(settled is Future<T> typed ? typed.Value : default!);
                break;
            case FutureState.Failed:
                _source.SetException(settled.Thrown!);
                break;
            default:
                _source.SetCanceled(((OperationCanceledException)settled.Thrown!).CancellationToken);
                break;
        }
    }
}
