namespace Gyre.Loop;

/// <summary>Cancellation and shields, and how they spread inwards. Scopes nest deeper than a thread's stack is: nothing recurses.</summary>
internal sealed partial class ScopeContext
{
    /// <summary>For a scope that nobody tells: whether one around it is cancelled and no shield keeps that out.</summary>
    private bool IsCancelledAround
    {
        get
        {
            ScopeContext scope = this;
            while (scope.IsOutOfTree && (scope._state & State.OwnCancel) == 0)
            {
                if (scope.IsShielded || scope.Parent is not { } parent)
                {
                    return false;
                }

                scope = parent;
            }

            return (scope._state & (State.OwnCancel | State.InheritedCancel)) != 0;
        }
    }

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
            SpreadToChildren(source: null);
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

    private void Inherit(bool parentCancelled) =>
        _state = parentCancelled && !IsShielded ? _state | State.InheritedCancel : _state & ~State.InheritedCancel;

    private void BecomeCancelled(ScopeContext source)
    {
        Strike(source);
        SpreadToChildren(source);
    }

    private void Strike(ScopeContext source)
    {
        CancelToken();

        // What is told of the cancellation may have raised a shield against it.
        if (IsCancelled)
        {
            AbortWaits(source);
        }
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
        if (_firstWait is null)
        {
            return;
        }

        // What is told of an abort may end other waits, so the list can't be walked meanwhile.
        var waits = new Stack<ParkedWait>();
        for (ParkedWait? wait = _firstWait; wait is not null; wait = wait.NextInScope)
        {
            waits.Push(wait);
        }

        // The list has the youngest first; they end in the order in which they began.
        while (waits.TryPop(out ParkedWait? wait))
        {
            wait.AbortByScope(this, source);
        }
    }

    /// <summary>Tells all scopes inside, the oldest first and each with those inside it, that this one was cancelled or is so no more.</summary>
    /// <param name="source">The scope that was cancelled; null when a shield keeps that out now.</param>
    private void SpreadToChildren(ScopeContext? source)
    {
        if (_firstChild is null)
        {
            return;
        }

        // As with the waits: a scope may be left while another is told.
        var open = new Stack<ScopeContext>();
        PushChildren(open);
        while (open.TryPop(out ScopeContext? scope))
        {
            bool before = scope.IsCancelled;
            scope.Inherit(scope.Parent!.IsCancelled);
            bool isCancelled = scope.IsCancelled;
            if (isCancelled && !before)
            {
                scope.Strike(source ?? scope.CancelSource());
            }

            if (isCancelled != before)
            {
                scope.PushChildren(open);
            }
        }
    }

    private void PushChildren(Stack<ScopeContext> open)
    {
        for (ScopeContext? child = _firstChild; child is not null; child = child._next)
        {
            open.Push(child);
        }
    }
}
