namespace Gyre.Coroutines;

/// <summary>Who spawned a coroutine and answers for its end.</summary>
internal interface ICoroutineOwner
{
    /// <summary>The coroutine has ended; <paramref name="failure"/> is null unless it failed (a cancellation is no failure).</summary>
    void OnChildEnded(CoroutineRun child, Exception? failure);
}
