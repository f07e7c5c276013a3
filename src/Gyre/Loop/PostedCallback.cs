namespace Gyre.Loop;

/// <summary>
/// A callback in the shape that the BCL posts it, carried through the ready queue with the poster's <see
/// cref="ExecutionContext"/>.
/// </summary>
internal sealed class PostedCallback(SendOrPostCallback callback, object? state)
{
    public static readonly Action<object?> Invoke = static self => ((PostedCallback)self!).Run();

    private static readonly ContextCallback s_run = static self => ((PostedCallback)self!).Call();

    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    /// <summary>What the callback works on, for diagnosis: usually the continuation itself.</summary>
    public object? State => state;

    /// <summary>What is called, for diagnosis.</summary>
    public SendOrPostCallback Callback => callback;

    private void Run()
    {
        if (_context is null)
        {
            Call();
            return;
        }

        ExecutionContext.Run(_context, s_run, this);
    }

    private void Call() => callback(state);
}
