using Gyre.Generators;

namespace Gyre.Samples.Listings;

/// <summary>A running coroutine. It waits for futures, each of which puts it back into the loop when it is done, and is one itself.</summary>
public sealed class TinyTask : TinyFuture
{
    private readonly TinyLoop _loop;
    private readonly Frame _coroutine;

    /// <summary>Begins a coroutine in the loop's next turn.</summary>
    public TinyTask(TinyLoop loop, Frame coroutine)
        : base(loop)
    {
        (_loop, _coroutine) = (loop, coroutine);
        loop.Post(() => Advance(coroutine.Next));
    }

    private void Advance(Func<Step<object?, object?>> step)
    {
        try
        {
            Step<object?, object?> stepped = step();
            if (stepped.IsReturn)
            {
                SetResult(stepped.Returned);
            }
            else if (stepped.Yielded is TinyFuture awaited)
            {
                awaited.AddDoneCallback(GoOn);
            }
            else
            {
                var refused = new InvalidOperationException($"{stepped.Yielded} is no future");
                _loop.Post(() => Advance(() => _coroutine.Throw(refused)));
            }
        }
        catch (Exception failure)
        {
            SetException(failure);
        }
    }

    // <tiny-task>
    private void GoOn(TinyFuture done) => Advance(() => done.Failure is null ? _coroutine.Send(done.Result) : _coroutine.Throw(done.Failure));
    // </tiny-task>
}
