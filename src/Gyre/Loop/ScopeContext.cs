using System.Diagnostics;
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
    public bool IsCancelled =>
        (_state & State.OwnCancel) != 0 ||
        (IsOutOfTree ? !IsShielded && Parent is { IsCancelled: true } : (_state & State.InheritedCancel) != 0);

    /// <summary>Whether this scope itself, rather than one around it, was cancelled.</summary>
    public bool IsCancelRequested => (_state & State.OwnCancel) != 0;

    public bool IsShielded => (_state & State.Shielded) != 0;

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

    /// <summary>Nobody tells a scope that was left and is unused of a cancellation or shield around it, so it has to ask.</summary>
    private bool IsOutOfTree => (_state & (State.Left | State.Linked)) == State.Left;

    /// <summary>Cancels this scope: every wait inside ends, and each further one throws, until the scope is left.</summary>
    public void Cancel(string? reason)
    {
        if (IsCancelRequested)
        {
            return;
        }

        bool already = IsCancelled;
        _state |= State.OwnCancel;
        if (reason is not null)
        {
            Rare.Reason = reason;
        }

        if (!already)
        {
            BecomeCancelled(this);
        }
    }

    /// <summary>Keeps cancellation from outside out, or lets it in again; takes effect at once.</summary>
    public void SetShield(bool value)
    {
        bool before = IsCancelled;
        _state = value ? _state | State.Shielded : _state & ~State.Shielded;
        Inherit(Parent is { IsCancelled: true });
        if (IsCancelled && !before)
        {
            BecomeCancelled(CancelSource());
        }
        else if (!IsCancelled && before)
        {
            SpreadToChildren();
        }
    }

    /// <summary>The scope whose cancellation reaches here; the innermost one that was itself cancelled.</summary>
    public ScopeContext CancelSource()
    {
        ScopeContext context = this;
        while (!context.IsCancelRequested && context.Parent is { } parent && !context.IsShielded)
        {
            context = parent;
        }

        return context;
    }

    /// <summary>What a wait in this cancelled scope throws.</summary>
    public OperationCanceledException CreateCancellation()
    {
        ScopeContext source = CancelSource();
        string reason = source.Reason is { } text ? $": {text}" : "";
        string who = source.Node is { } node ? $"A scope of {node.Name}" : "The loop's root scope";
        return new OperationCanceledException($"{who} was cancelled{reason}.", source._rare?.Token?.Token ?? default);
    }

    /// <summary>
    /// Whether <paramref name="thrown"/> is how a flow of this cancelled scope ends because of that. Streams of the BCL
    /// (SslStream) wrap a cancellation that their own token didn't ask for into an <see cref="IOException"/>.
    /// </summary>
    public bool IsEndByCancellation(Exception thrown) =>
        IsCancelled && thrown is (OperationCanceledException or IOException { InnerException: OperationCanceledException });

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
        wait.NextInScope = _firstWait;
        _firstWait?.PreviousInScope = wait;
        _firstWait = wait;
    }

    public void RemoveWait(ParkedWait wait)
    {
        if (wait.PreviousInScope is { } previous)
        {
            previous.NextInScope = wait.NextInScope;
        }
        else
        {
            _firstWait = wait.NextInScope;
        }

        wait.NextInScope?.PreviousInScope = wait.PreviousInScope;
        wait.NextInScope = null;
        wait.PreviousInScope = null;
        UnlinkWhenUnused();
    }

    /// <summary>What the flows of this scope, and of the same coroutine's scopes inside it, wait for.</summary>
    public void CollectWaits(ICollection<WaitDescription> waits)
    {
        for (ParkedWait? wait = _firstWait; wait is not null; wait = wait.NextInScope)
        {
            waits.Add(wait.Description);
        }

        for (ScopeContext? child = _firstChild; child is not null; child = child._next)
        {
            // The flows that a coroutine left behind are looked after by the scope around it.
            if (child.Node == Node || child.Node is { IsCompleted: true })
            {
                child.CollectWaits(waits);
            }
        }
    }

    /// <summary>What all flows in this scope and the scopes inside it wait for, whatever coroutine they belong to.</summary>
    public void CollectAllWaits(ICollection<WaitDescription> waits)
    {
        for (ParkedWait? wait = _firstWait; wait is not null; wait = wait.NextInScope)
        {
            waits.Add(wait.Description);
        }

        for (ScopeContext? child = _firstChild; child is not null; child = child._next)
        {
            child.CollectAllWaits(waits);
        }
    }

    /// <summary>The waits in this scope and the scopes inside it, each with the coroutine whose flow waits.</summary>
    public void CollectParked(ICollection<(ParkedWait Wait, CoroutineNode? Waiter)> parked)
    {
        for (ParkedWait? wait = _firstWait; wait is not null; wait = wait.NextInScope)
        {
            parked.Add((wait, Node));
        }

        for (ScopeContext? child = _firstChild; child is not null; child = child._next)
        {
            child.CollectParked(parked);
        }
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
        const State leftAndLinked = State.Left | State.Linked;
        if ((_state & leftAndLinked) == leftAndLinked && !IsInUse)
        {
            Parent?.Unlink(this);
        }
    }

    /// <summary>A flow left behind waits again, or opens a scope; cancellation must find it, through every scope between.</summary>
    private void ReturnToTree()
    {
        if (IsOutOfTree && Parent is { } parent)
        {
            parent.Link(this);
            Inherit(parent.IsCancelled);
        }
    }

    private void Link(ScopeContext child)
    {
        ReturnToTree();
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
        UnlinkWhenUnused();
    }

    private void Inherit(bool parentCancelled) =>
        _state = parentCancelled && !IsShielded ? _state | State.InheritedCancel : _state & ~State.InheritedCancel;

    private void BecomeCancelled(ScopeContext source)
    {
        CancelToken();
        AbortWaits(source);
        SpreadToChildren();
    }

    private void CancelToken()
    {
        try
        {
            _rare?.Token?.Cancel();
        }
        catch (AggregateException failures)
        {
            // A failed registration is the scope's to answer for; it must not keep the waits from ending.
            foreach (Exception failure in failures.InnerExceptions)
            {
                Fail(failure);
            }
        }
    }

    private void AbortWaits(ScopeContext source)
    {
        // What is told of an abort may end other waits, so the list can't be walked meanwhile.
        var waits = new List<ParkedWait>();
        for (ParkedWait? wait = _firstWait; wait is not null; wait = wait.NextInScope)
        {
            waits.Add(wait);
        }

        // The list has the youngest first; they end in the order in which they began.
        for (int i = waits.Count - 1; i >= 0; i--)
        {
            waits[i].AbortByScope(this, source);
        }
    }

    private void SpreadToChildren()
    {
        // As with the waits: a scope may be left while another is told.
        var children = new List<ScopeContext>();
        for (ScopeContext? child = _firstChild; child is not null; child = child._next)
        {
            children.Add(child);
        }

        for (int i = children.Count - 1; i >= 0; i--)
        {
            ScopeContext child = children[i];
            bool before = child.IsCancelled;
            child.Inherit(IsCancelled);
            if (child.IsCancelled && !before)
            {
                child.BecomeCancelled(child.CancelSource());
            }
            else if (!child.IsCancelled && before)
            {
                child.SpreadToChildren();
            }
        }
    }
}
