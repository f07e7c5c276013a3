using Gyre.Loop;

namespace Gyre.Coroutines;

/// <summary>A callback of a future: runs as ready work of the scope that added it, after the future has settled.</summary>
internal sealed class DoneCallback<TFuture>(Action<TFuture> callback, ScopeContext scope) : IFutureObserver
    where TFuture : Waitable
{
    private TFuture? _settled;

    /// <summary>A callback that only counts, say, has seen nothing; one that looks says so by looking.</summary>
    public bool SeesFailures => false;

    public void OnSettled(Waitable settled)
    {
        _settled = (TFuture)settled;
        scope.Loop.Enqueue(new ReadyItem(static self => ((DoneCallback<TFuture>)self!).Run(), this, scope, RestoreContext: true));
    }

    public bool Is(Action<TFuture> other) => callback == other;

    private void Run()
    {
        try
        {
            callback(_settled!);
        }
        finally
        {
            _settled!.KeepUnlessSeen();
        }
    }
}
