using System.Diagnostics;
using Gyre.Loop;
using Gyre.Time;

namespace Gyre;

/// <summary>A callback that <see cref="EventLoop.CallLater"/> or <see cref="EventLoop.CallAt"/> scheduled.</summary>
[DebuggerDisplay("pending = {IsPending}")]
public sealed class TimerHandle
{
    private readonly EventLoop _loop;

    internal TimerHandle(EventLoop loop, FlowedCallback callback, ScopeContext context)
    {
        _loop = loop;
        Entry = new CallbackTimer(callback, context);
    }

    /// <summary>Whether the callback is still to come. Loop thread.</summary>
    /// <exception cref="InvalidOperationException">The calling code isn't run by the timer's loop.</exception>
    public bool IsPending
    {
        get
        {
            _loop.VerifyAccess(this);
            return Entry.IsPending;
        }
    }

    internal CallbackTimer Entry { get; }

    /// <summary>Takes the callback back.</summary>
    /// <returns>True when it will not run; false when it has run, or was cancelled before.</returns>
    /// <remarks>Loop thread.</remarks>
    /// <exception cref="InvalidOperationException">The calling code isn't run by the timer's loop.</exception>
    public bool Cancel()
    {
        _loop.VerifyAccess(this);
        _loop.RemoveTimer(Entry);
        return Entry.Cancel();
    }

    /// <inheritdoc/>
    public override string ToString() => $"A timer of loop '{_loop.Name}'";

    internal sealed class CallbackTimer(FlowedCallback callback, ScopeContext context) : TimerEntry
    {
        private static readonly Action<object?> s_run = static self => ((CallbackTimer)self!).Run();

        private FlowedCallback? _callback = callback;

        public bool IsPending => _callback is not null;

        /// <summary>What is called, for diagnosis; null when that has begun or was cancelled.</summary>
        public FlowedCallback? Callback => _callback;

        /// <summary>False when the callback has begun or was cancelled.</summary>
        public bool Cancel()
        {
            bool pending = _callback is not null;
            _callback = null;
            return pending;
        }

        protected internal override void OnDue() =>
            context.Loop.Enqueue(new ReadyItem(s_run, this, context, RestoreContext: true));

        private void Run()
        {
            FlowedCallback? callback = _callback;
            _callback = null;
            if (callback is not null)
            {
                FlowedCallback.Invoke(callback);
            }
        }
    }
}
