using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Gyre.Diagnostics;

namespace Gyre.Loop;

/// <summary>
/// The context of the flows inside one scope: the <see cref="SynchronizationContext"/> that brings their continuations home
/// to the loop, and the node of the cancellation tree that their waits hang on.
/// </summary>
/// <remarks>
/// One coroutine may hold several flows (<c>Task.WhenAll(A(), B())</c> where both open a scope), so neither the coroutine
/// nor one field of it can say which scope is current. .NET restores the caller's synchronization context whenever an async
/// method suspends, which makes the context the right carrier, at no cost per wait. Used on the loop's thread, except
/// <see cref="Post"/> and <see cref="Send"/>.
/// </remarks>
[DebuggerDisplay("scope of {Node}, cancelled = {IsCancelled}")]
internal sealed partial class ScopeContext : SynchronizationContext
{
    private readonly IScopeOwner? _owner;
    private ParkedWait? _firstWait;
    private ScopeContext? _firstChild;
    private ScopeContext? _next;
    private ScopeContext? _previous;
    private RareState? _rare;
    private State _state;

    public ScopeContext(EventLoop loop, CoroutineNode? node, ScopeContext? parent, IScopeOwner? owner)
    {
        Loop = loop;
        Node = node;
        Parent = parent;
        _owner = owner;
        SetWaitNotificationRequired();
        if (parent is not null)
        {
            parent.Link(this);
            if (parent.IsCancelled)
            {
                _state |= State.InheritedCancel;
            }
        }
    }

    [Flags]
    private enum State : byte
    {
        None = 0,

        /// <summary>This scope itself was cancelled. Set by <see cref="Cancel"/>, never cleared.</summary>
        OwnCancel = 1 << 0,

        /// <summary>A scope around this one is cancelled, and no shield keeps it out. Set and cleared by the parent's spreading.</summary>
        InheritedCancel = 1 << 1,

        /// <summary>Cancellation from outside stays outside. Set and cleared by <see cref="SetShield"/>.</summary>
        Shielded = 1 << 2,

        /// <summary>The scope's body is over; what is still in it was left behind. Set by <see cref="Leave"/>, never cleared.</summary>
        Left = 1 << 3,

        /// <summary>In the parent's list. Set and cleared by linking.</summary>
        Linked = 1 << 4,
    }

    public EventLoop Loop { get; }

    /// <summary>The coroutine whose flows run here; null for a loop's root.</summary>
    public CoroutineNode? Node { get; }

    public ScopeContext? Parent { get; }

    /// <summary>Who opened it; null for a loop's root.</summary>
    public IScopeOwner? Owner => _owner;

    /// <summary>Whether every wait in this scope throws.</summary>
    public bool IsCancelled => (_state & State.OwnCancel) != 0 || (IsOutOfTree ? IsCancelledAround : (_state & State.InheritedCancel) != 0);

    /// <summary>Whether this scope itself, rather than one around it, was cancelled.</summary>
    public bool IsCancelRequested => (_state & State.OwnCancel) != 0;

    public bool IsShielded => (_state & State.Shielded) != 0;

    /// <summary>Whether its body is over.</summary>
    public bool IsLeft => (_state & State.Left) != 0;

    /// <summary>Why this scope was cancelled; null before that, or when no reason was given.</summary>
    public string? Reason => _rare?.Reason;

    /// <summary>Whether flows still wait here or scopes are still open inside.</summary>
    public bool IsInUse => _firstWait is not null || _firstChild is not null;

    /// <summary>A token that is cancelled with this scope; made when first asked for.</summary>
    public CancellationToken Token => (Rare.Token ??= new ScopeToken(IsCancelled)).Token;

    private RareState Rare => _rare ??= new RareState();

    /// <summary>The scope of the code that runs now on <paramref name="loop"/>'s thread.</summary>
    public static ScopeContext Resolve(EventLoop loop) =>
        Current is ScopeContext context && context.Loop == loop ? context : loop.CurrentContext;

    /// <summary>The scope of the code that runs now, on whatever loop: one look where <see cref="Resolve"/> takes two.</summary>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    /// <remarks>A scope is the thread's context only while its loop runs the thread.</remarks>
    public static ScopeContext OfCaller() => Current is ScopeContext context ? context : EventLoop.Current.CurrentContext;

    /// <summary>The scope of the code that runs now, if <paramref name="loop"/> runs it.</summary>
    public static bool TryResolve(EventLoop loop, [NotNullWhen(true)] out ScopeContext? context)
    {
        context = Current as ScopeContext;
        if (context is null || context.Loop != loop)
        {
            context = loop.HasAccess ? loop.CurrentContext : null;
        }

        return context is not null;
    }

    /// <summary>Nobody tells a scope that was left and is unused of a cancellation or shield around it, so it has to ask.</summary>
    private bool IsOutOfTree => (_state & (State.Left | State.Linked)) == State.Left;

    /// <summary>
    /// Takes the scope out of the tree, unless flows left over still need it: then cancellation must go on reaching them.
    /// </summary>
    public void Leave()
    {
        HandOnLostFailures();
        _state |= State.Left;
        UnlinkWhenUnused();
    }

    public void AddWait(ParkedWait wait)
    {
        ReturnToTree();
        if (_firstWait is { } first)
        {
            wait.NextInScope = first;
            first.PreviousInScope = wait;
        }

        _firstWait = wait;
    }

    public void RemoveWait(ParkedWait wait)
    {
        ParkedWait? next = wait.NextInScope;
        if (wait.PreviousInScope is { } previous)
        {
            previous.NextInScope = next;
        }
        else
        {
            _firstWait = next;
        }

        if (next is not null)
        {
            next.PreviousInScope = wait.PreviousInScope;
            wait.NextInScope = null;
        }

        wait.PreviousInScope = null;

        UnlinkWhenUnused();
    }

    /// <summary>Hands a failure that nobody awaits to the nearest scope that can fail with it; the last resort is the run itself.</summary>
    public void Fail(Exception failure)
    {
        for (ScopeContext? context = this; context is not null; context = context.Parent)
        {
            if (context._owner is { } owner)
            {
                owner.OnUnobservedFailure(failure);
                return;
            }
        }

        Loop.FailRun(failure);
    }

    /// <summary>Queues a continuation; any thread. Never runs it inline.</summary>
    public override void Post(SendOrPostCallback d, object? state)
    {
        var item = new ReadyItem(PostedCallback.Invoke, new PostedCallback(d, state), this, RestoreContext: true);
        if (!Loop.TryPost(item))
        {
            // The loop has ended. The flow still gets to run its finally blocks, on the pool: a lost continuation would
            // be a silent hang of whoever waits for it.
            base.Post(d, state);
        }
    }

    /// <summary>
    /// Called where an async method of the runtime begins: its awaits come home, also behind a <c>ConfigureAwait(false)</c>.
    /// </summary>
    public void Enter() => SetSynchronizationContext(this);

    /// <summary>
    /// Called where an async method of the runtime is about to end. .NET sends a continuation that asked for no context to
    /// the pool when its task completes under one; completed under none it goes on right here, on the loop and in the
    /// caller's scope. The others are posted to their own context, at the price of one turn.
    /// </summary>
    public void Exit()
    {
        Loop.CurrentContext = this;
        SetSynchronizationContext(null);
    }

    /// <summary>Runs inline on the loop's thread; from another thread blocks until the loop has run it.</summary>
    public override void Send(SendOrPostCallback d, object? state)
    {
        if (Loop.HasAccess)
        {
            using ContextSwitch inside = ContextSwitch.Into(this);
            d(state);
            return;
        }

        Loop.SendFromOtherThread(this, d, state);
    }

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>The runtime is about to block this thread, which is a loop's: see <see cref="BlockingWaitGuard"/>.</summary>
    public override int Wait(IntPtr[] waitHandles, bool waitAll, int millisecondsTimeout)
    {
        if (!Loop.HasAccess)
        {
            return WaitHelper(waitHandles, waitAll, millisecondsTimeout);
        }

        return BatonThread.Current is { } thread
            ? CooperativeWait.Wait(thread, waitHandles, waitAll, millisecondsTimeout)
            : BlockingWaitGuard.Wait(Loop, waitHandles, waitAll, millisecondsTimeout);
    }

    /// <summary>The plain wait, for the guard.</summary>
    internal static int WaitPlainly(IntPtr[] waitHandles, bool waitAll, int millisecondsTimeout) =>
        WaitHelper(waitHandles, waitAll, millisecondsTimeout);

    private void UnlinkWhenUnused()
    {
        // A loop, because those around it that were left before may hang on it alone, to any depth.
        const State leftAndLinked = State.Left | State.Linked;
        ScopeContext scope = this;
        while ((scope._state & leftAndLinked) == leftAndLinked && !scope.IsInUse && scope.Parent is { } parent)
        {
            parent.Unlink(scope);
            scope = parent;
        }
    }

    /// <summary>A flow left behind waits again, or opens a scope; cancellation must find it, through every scope between.</summary>
    private void ReturnToTree()
    {
        if (!IsOutOfTree)
        {
            return;
        }

        // A stack of its own, for they nest to any depth; the outermost is linked first.
        var left = new Stack<ScopeContext>();
        for (ScopeContext scope = this; scope.IsOutOfTree && scope.Parent is { } around; scope = around)
        {
            left.Push(scope);
        }

        while (left.TryPop(out ScopeContext? scope))
        {
            ScopeContext parent = scope.Parent!;
            parent.LinkHere(scope);
            scope.Inherit(parent.IsCancelled);
        }
    }

    private void Link(ScopeContext child)
    {
        ReturnToTree();
        LinkHere(child);
    }

    private void LinkHere(ScopeContext child)
    {
        child._state |= State.Linked;
        child._next = _firstChild;
        _firstChild?._previous = child;
        _firstChild = child;
    }

    private void Unlink(ScopeContext child)
    {
        if (child._previous is { } previous)
        {
            previous._next = child._next;
        }
        else if (_firstChild == child)
        {
            _firstChild = child._next;
        }

        child._next?._previous = child._previous;
        child._next = null;
        child._previous = null;
        child._state &= ~State.Linked;
    }
}
