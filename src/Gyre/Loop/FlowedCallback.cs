namespace Gyre.Loop;

/// <summary>A user's callback with the <see cref="ExecutionContext"/> of whoever posted it, as .NET users expect of any queue.</summary>
internal sealed class FlowedCallback(Action callback)
{
    public static readonly Action<object?> Invoke = static self => ((FlowedCallback)self!).Run();

    private static readonly ContextCallback s_run = static self => ((FlowedCallback)self!)._callback();

    private readonly Action _callback = callback;
    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    /// <summary>What is called, for diagnosis.</summary>
    public Action Callback => _callback;

    private void Run()
    {
        if (_context is null)
        {
            _callback();
            return;
        }

        ExecutionContext.Run(_context, s_run, this);
    }
}
