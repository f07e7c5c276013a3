namespace Gyre.Http.Middleware;

/// <summary>A stream that somebody else owns.</summary>
internal sealed class StreamLogSink(Stream stream) : AccessLogSink
{
    private readonly Lock _gate = new();
    private Task _last = Task.CompletedTask;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> lines)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        lock (_gate)
        {
            before = _last;
            _last = done.Task;
        }

        try
        {
            await before;
            await stream.WriteAsync(lines);
        }
        finally
        {
            done.SetResult();
        }
    }
}
