using System.Runtime.ExceptionServices;
using Gyre.Generators;

namespace Gyre.Samples.Listings;

/// <summary>Drives a coroutine that calls others: the calls are on a stack, and only IO goes on to whoever drives the whole.</summary>
public sealed class StackWrapper
{
    private readonly Stack<Frame> _stack = new();
    private object? _value;
    private Exception? _failure;

    private StackWrapper(Frame root) => _stack.Push(root);

    /// <summary>A coroutine that does what <paramref name="root"/> and all that it calls do, and yields IO alone.</summary>
    public static Frame Wrap(Frame root) => Frames.Of(flow => new StackWrapper(root).RunAsync(flow), "wrapper");

    private async GeneratorBody<object?> RunAsync(GeneratorFlow<object?, object?> flow)
    {
        try
        {
            while (AdvanceToIo(out object? io))
            {
                try
                {
                    _value = await flow.Yield(io);
                }
                catch (Exception failure) when (failure is not GeneratorClosedException)
                {
                    _failure = failure;
                }
            }

            return _value;
        }
        finally
        {
            while (_stack.TryPop(out Frame? frame))
            {
                frame.Close();
            }
        }
    }

    private bool AdvanceToIo(out object? io)
    {
        // <wrapper>
        while (_stack.TryPeek(out Frame? top))
        {
            (object? value, Exception? failure) = (_value, _failure);
            (_value, _failure) = (null, null);
            try
            {
                Step<object?, object?> step = failure is null ? top.Resume(value) : top.Throw(failure);
                if (!step.IsReturn && step.Yielded is not Frame)
                {
                    io = step.Yielded;
                    return true;
                }

                PushOrPop(step);
            }
            catch (Exception thrown)
            {
                _stack.Pop();
                _failure = thrown;
            }
        }
        // </wrapper>

        io = null;
        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }

        return false;
    }

    private void PushOrPop(Step<object?, object?> step)
    {
        if (step.IsReturn)
        {
            _stack.Pop();
            _value = step.Returned;
        }
        else
        {
            _stack.Push((Frame)step.Yielded!);
        }
    }
}
