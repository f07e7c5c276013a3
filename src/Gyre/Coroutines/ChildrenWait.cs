using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;
using Gyre.LowLevel;

namespace Gyre.Coroutines;

/// <summary>A group's wait for its children. Cancellation reaches the children, never this wait: nobody may leave before them.</summary>
internal sealed class ChildrenWait(EventLoop loop) : WaitSource(loop), IValueTaskSource
{
    public ValueTask ParkAsync(TaskGroup group)
    {
        Park(WaitKind.Children, group, default);
        return new ValueTask(this, Version);
    }

    public void WakeIfParked()
    {
        if (IsParked)
        {
            Wake(exception: null);
        }
    }

    public void GetResult(short token) => TakeOutcome(token);

    public ValueTaskSourceStatus GetStatus(short token) => StatusOf(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        SetContinuation(continuation, state, token, flags);

    private protected override bool OnAbort() => false;
}
