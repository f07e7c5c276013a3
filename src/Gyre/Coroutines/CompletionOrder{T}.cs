using System.Runtime.CompilerServices;
using Gyre.Diagnostics;
using Gyre.LowLevel;

namespace Gyre.Coroutines;

/// <summary>Hands out futures in the order in which they settle; see <see cref="Future.AsCompleted{T}"/>.</summary>
internal sealed class CompletionOrder<T> : IFutureObserver
{
    private readonly Queue<Future<T>> _settled = new();
    private readonly Wait<bool> _wait = new(EventLoop.Current);
    private readonly Future<T>[] _all;
    private bool _isEnumerated;

    private CompletionOrder(Future<T>[] all)
    {
        _all = all;
        foreach (Future<T> future in all)
        {
            ArgumentNullException.ThrowIfNull(future);
            EventLoop.Current.VerifySame(future, future.Loop);
        }

        foreach (Future<T> future in all)
        {
            future.AddObserver(this);
        }
    }

    /// <summary>Whoever it is handed out to may look at it, or not.</summary>
    public bool SeesFailures => false;

    public static IAsyncEnumerable<Future<T>> Of(Future<T>[] all) => new CompletionOrder<T>(all).EnumerateAsync();

    public void OnSettled(Waitable settled)
    {
        _settled.Enqueue((Future<T>)settled);
        if (!_isEnumerated)
        {
            settled.KeepUnlessSeen();
        }

        _wait.TryWake(true);
    }

    private async IAsyncEnumerable<Future<T>> EnumerateAsync([EnumeratorCancellation] CancellationToken token = default)
    {
        if (_isEnumerated)
        {
            throw new InvalidOperationException($"'{this}' was enumerated already; call Future.AsCompleted again for a second time.");
        }

        _isEnumerated = true;
        try
        {
            for (int left = _all.Length; left > 0; left--)
            {
                if (_settled.Count == 0)
                {
                    await _wait.ParkWithoutValueAsync(WaitKind.Future, this, token);
                }

                yield return _settled.Dequeue();
            }
        }
        finally
        {
            // Whoever left early needs to hear no more, and hasn't seen what it was not given.
            foreach (Future<T> future in _all)
            {
                future.RemoveObserver(this);
                future.KeepUnlessSeen();
            }
        }
    }

    public override string ToString() => $"the next of {_all.Length} futures";
}
