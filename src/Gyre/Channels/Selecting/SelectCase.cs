using System.Diagnostics;

namespace Gyre.Channels;

/// <summary>One of the things that a <see cref="Select"/> waits for. It belongs to that select, which tells by it what happened.</summary>
[DebuggerDisplay("{ToString(),nq}")]
public abstract class SelectCase
{
    private bool _isEnabled = true;

    private protected SelectCase(Select owner) => Owner = owner;

    /// <summary>
    /// Whether it takes part in the next wait. Default true. Turn it off for a channel that has ended, which would be ready for ever.
    /// </summary>
    /// <exception cref="InvalidOperationException">The select waits now.</exception>
    public bool IsEnabled
    {
        get => _isEnabled;
        set
        {
            Owner.VerifyIdle();
            _isEnabled = value;
        }
    }

    internal Select Owner { get; }

    /// <summary>Whether it could be taken at once.</summary>
    internal abstract bool IsReady { get; }

    /// <summary>Takes it, which is possible now.</summary>
    /// <exception cref="Exception">What choosing it throws, for example that a channel to send to is closed.</exception>
    internal abstract void Take();

    /// <summary>Begins to wait; ends in <see cref="Select.OnFired"/>, or by <see cref="Withdraw"/>.</summary>
    internal abstract void Begin();

    /// <summary>Stops waiting, if it still does.</summary>
    internal abstract void Withdraw();
}
