using Gyre.Generators;

namespace Gyre.Samples.Listings.Flawed;

/// <summary>
/// The wrapper after the obvious repair: the result is declared outside the loop. Now the old one is still there when the next
/// child begins, and what has not begun can't be sent anything.
/// </summary>
public static class HastilyMendedWrapper
{
    /// <summary>A coroutine that does what <paramref name="root"/> and all that it calls do.</summary>
    public static Frame Wrap(Frame root) => Frames.Of(async flow =>
    {
        var stack = new Stack<object?>([root]);
        object? result = null;
        while (stack.Count > 0)
        {
            if (stack.Peek() is not Frame frame)
            {
                result = await flow.Yield(stack.Pop());
                continue;
            }

            Step<object?, object?> step = frame.Resume(result);
            if (step.IsReturn)
            {
                stack.Pop();
                result = step.Returned;
            }
            else
            {
                stack.Push(step.Yielded);
            }
        }

        return result;
    });
}
