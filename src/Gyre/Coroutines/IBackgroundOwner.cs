namespace Gyre.Coroutines;

/// <summary>The runner of a loop, which keeps count of the coroutines that were spawned into the loop itself.</summary>
internal interface IBackgroundOwner : ICoroutineOwner
{
    void OnSpawned(CoroutineRun coroutine);
}
