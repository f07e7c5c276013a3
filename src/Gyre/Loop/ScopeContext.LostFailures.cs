namespace Gyre.Loop;

/// <summary>Failures that nobody has seen: they are kept until the scope closes, and then are the scope's own.</summary>
internal sealed partial class ScopeContext
{
    /// <summary>
    /// Unseen failures that a scope keeps. One that lives as long as a server must not gather them without end, so it fails
    /// with the oldest when there are more.
    /// </summary>
    private const int LostFailuresMax = 1000;

    /// <summary>Keeps a failure that may yet be seen; a scope that was left hands it to the one around it.</summary>
    public void KeepUntilClosed(ILostFailure failure)
    {
        ScopeContext open = this;
        while ((open._state & State.Left) != 0 && open.Parent is { } parent)
        {
            open = parent;
        }

        List<ILostFailure> lost = open.Rare.Lost ??= [];
        if (lost.Count >= LostFailuresMax)
        {
            lost.RemoveAll(static kept => kept.Unseen is null);
            if (lost.Count >= LostFailuresMax)
            {
                ILostFailure oldest = lost[0];
                lost.RemoveAt(0);
                open.Fail(oldest.Unseen!);
            }
        }

        lost.Add(failure);
    }

    /// <summary>The scope closes: whatever nobody has seen by now fails it. While it is open yet.</summary>
    public void ReportLostFailures()
    {
        if (_rare?.Lost is not { } lost)
        {
            return;
        }

        _rare.Lost = null;
        foreach (ILostFailure kept in lost)
        {
            if (kept.Unseen is { } failure)
            {
                Fail(failure);
            }
        }
    }

    /// <summary>What failed since the scope reported is the business of the scope around it.</summary>
    private void HandOnLostFailures()
    {
        if (_rare?.Lost is { } lost && Parent is { } parent)
        {
            _rare.Lost = null;
            foreach (ILostFailure kept in lost)
            {
                parent.KeepUntilClosed(kept);
            }
        }
    }

    /// <summary>What few scopes have, apart, because every idle connection keeps a scope.</summary>
    private sealed class RareState
    {
        public ScopeToken? Token { get; set; }

        public List<ILostFailure>? Lost { get; set; }

        public string? Reason { get; set; }
    }
}
