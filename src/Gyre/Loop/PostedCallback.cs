namespace Gyre.Loop;

/// <summary>A callback in the shape that the BCL posts it, carried through the ready queue.</summary>
internal sealed class PostedCallback(SendOrPostCallback callback, object? state)
{
    public static readonly Action<object?> Invoke = static self => ((PostedCallback)self!).Run();

    private void Run() => callback(state);
}
