using Gyre.Generators;

namespace Gyre.Samples.Listings.Flawed;

/// <summary>The wrapper as it is first written down: the result is forgotten at the top of each round.</summary>
public static class SketchedWrapper
{
    /// <summary>A coroutine that does what <paramref name="root"/> and all that it calls do.</summary>
    public static Frame Wrap(Frame root) => Frames.Of(async flow =>
    {
        var stack = new Stack<object?>([root]);
        while (true)
        {
            object? item = stack.Peek();
            object? result = null;
            if (item is Frame frame)
            {
                Step<object?, object?> step = frame.Resume(result);
                if (!step.IsReturn)
                {
                    stack.Push(step.Yielded);
                    continue;
                }

                result = step.Returned;
            }
            else
            {
                result = await flow.Yield(item);
            }

            stack.Pop();
            if (stack.Count == 0)
            {
                return result;
            }
        }
    });
}
