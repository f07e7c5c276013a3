using System.Threading.Tasks.Sources;

namespace Gyre.Coroutines;

/// <summary>A flow's wait for the value of a foreign task that it may abandon.</summary>
internal sealed class ForeignWait<T>(FollowedTask followed, Task<T> task) : ForeignWait(followed), IValueTaskSource<T>
{
    public ValueTask<T> Typed => new(this, Version);

    T IValueTaskSource<T>.GetResult(short token)
    {
        TakeOwnOutcome(token);
        return task.Result;
    }
}
