using Gyre.Generators;

namespace Gyre.Samples.Ladder;

/// <summary>
/// See <see cref="IJob"/>. It is a future of Gyre's, too, which the stages up to the one of that name needn't know: they see
/// something that is begun, calls back, and then has a result.
/// </summary>
internal sealed class Job<T>(Func<ValueTask<T>> operation) : Future<T>("a job"), IJob
{
    public object? Value => Result;

    public void Begin(Action<IJob> finished)
    {
        AddDoneCallback(done =>
        {
            // Asking is seeing: whoever is called back answers for it from here on.
            _ = done.Failure;
            finished(this);
        });
        Begin();
    }

    public Future<T> Begin()
    {
        _ = PerformAsync();
        return this;
    }

    private async Task PerformAsync()
    {
        try
        {
            SetResult(await operation());
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            SetException(failure);
        }

        // A cancellation passes: the server ends, and nobody is to be called any more.
    }
}
