namespace Gyre.Loop;

/// <summary>
/// Makes a scope current for the synchronous first step of its body, and puts the caller's back afterwards: .NET does so for
/// the synchronization context when an async method suspends, but not for the loop's own field.
/// </summary>
internal readonly ref struct ContextSwitch
{
    private readonly EventLoop _loop;
    private readonly ScopeContext _current;
    private readonly SynchronizationContext? _synchronization;

    private ContextSwitch(ScopeContext context)
    {
        _loop = context.Loop;
        _current = _loop.CurrentContext;
        _synchronization = SynchronizationContext.Current;
        _loop.CurrentContext = context;
        SynchronizationContext.SetSynchronizationContext(context);
    }

    public static ContextSwitch Into(ScopeContext context) => new(context);

    public void Dispose()
    {
        SynchronizationContext.SetSynchronizationContext(_synchronization);
        _loop.CurrentContext = _current;
    }
}
