using System.Diagnostics;

namespace Gyre.Loop;

/// <summary>An OS thread that runs blocking-style code for a loop, while it holds the loop's baton.</summary>
/// <remarks>
/// <para>The facts. A synchronous call can't be suspended: its frames are on a thread's stack until it returns. So code that
/// is to wait in the middle of one needs a stack of its own, and that of an OS thread is the only kind there is here.</para>
/// <para>The answer. Whoever runs for a loop holds its baton: the loop's own thread, or one of these. Resuming one passes the
/// baton and blocks the resumer until it comes back, which it does when the thread parks or ends. So exactly one of them
/// runs at any time, everything that belongs to the loop may be used, and nothing needs a lock. Passing it is also what orders
/// their memory accesses.</para>
/// <para>Only the loop's own thread takes part in the driver's turn; a ring that is full queues until then.</para>
/// <para>The price: a stack (about 18 KB resident), and two thread switches for each wait.</para>
/// </remarks>
[DebuggerDisplay("{_thread.Name}")]
internal sealed class BatonThread
{
    /// <summary>
    /// Reserved, not resident. Enough for deep parsers and serializers and for TLS; a page that is never touched costs nothing but
    /// addresses.
    /// </summary>
    private const int StackBytes = 1024 * 1024;

    [ThreadStatic]
    private static BatonThread? t_current;

    private readonly EventLoop _loop;
    private readonly BatonThreads _threads;
    private readonly Thread _thread;
    private readonly SemaphoreSlim _go = new(0);
    private readonly SemaphoreSlim _back = new(0);
    private readonly Action _resume;
    private Action? _work;
    private bool _isStarted;
    private volatile bool _isGivenUp;

    public BatonThread(EventLoop loop, BatonThreads threads, int number)
    {
        _loop = loop;
        _threads = threads;
        _resume = Resume;
        _thread = new Thread(Serve, StackBytes) { Name = $"{loop.Name} cooperative {number}", IsBackground = true };
    }

    /// <summary>The thread that runs the calling code, if it is one of these; null elsewhere.</summary>
    public static BatonThread? Current => t_current;

    public EventLoop Loop => _loop;

    /// <summary>Resumes it; the continuation of whatever it waits for. On the loop, in the scope in which it parked.</summary>
    public Action Resumption => _resume;

    /// <summary>Whether the calling code holds the baton; not so while it blocks on something else than the loop.</summary>
    private bool HoldsBaton => _loop.HasAccess;

    /// <summary>Has it run <paramref name="work"/>; returns when that has parked or ended. By the holder of the baton.</summary>
    public void Begin(Action work)
    {
        _work = work;
        if (!_isStarted)
        {
            _isStarted = true;
            _thread.Start();
        }

        Resume();
    }

    /// <summary>Gives the baton back until somebody calls <see cref="Resumption"/>. On this thread.</summary>
    /// <exception cref="OperationCanceledException">The loop has ended, and nobody will.</exception>
    public void Park()
    {
        ThrowIfGivenUp();
        SynchronizationContext? own = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        _back.Release();
        _go.Wait();
        SynchronizationContext.SetSynchronizationContext(own);
        ThrowIfGivenUp();
    }

    /// <summary>
    /// Waits for something of the system without the baton, so that the loop goes on meanwhile: what a blocking call that isn't Gyre's comes down
    /// to. On this thread.
    /// </summary>
    public int BlockWithoutBaton(Func<int> block)
    {
        if (!HoldsBaton)
        {
            return block();
        }

        SynchronizationContext? own = SynchronizationContext.Current;
        var visible = new BlockedFlow(_loop);
        visible.Begin();
        SynchronizationContext.SetSynchronizationContext(null);
        EventLoop.LeaveThread();
        _back.Release();
        try
        {
            return block();
        }
        finally
        {
            if (visible.TryComeHome(_resume))
            {
                _go.Wait();
            }

            if (!_isGivenUp)
            {
                SynchronizationContext.SetSynchronizationContext(own);
                EventLoop.EnterThread(_loop);
            }
        }
    }

    /// <summary>The loop has ended: an idle thread ends; one that waits for what can't come any more is thrown out of its wait.</summary>
    public void GiveUp()
    {
        _isGivenUp = true;
        _go.Release();
    }

    private void Resume()
    {
        SynchronizationContext? own = SynchronizationContext.Current;
        ScopeContext scope = _loop.CurrentContext;

        // The baton is waited for with no context set: the guard against blocking waits would take this for one.
        SynchronizationContext.SetSynchronizationContext(null);
        _go.Release();
        _back.Wait();
        SynchronizationContext.SetSynchronizationContext(own);
        _loop.CurrentContext = scope;
    }

    private void Serve()
    {
        t_current = this;
        EventLoop.EnterThread(_loop);
        _go.Wait();
        while (!_isGivenUp)
        {
            Action work = _work!;
            _work = null;
            work();
            SynchronizationContext.SetSynchronizationContext(null);
            if (_isGivenUp)
            {
                break;
            }

            // Nobody can have it run anything before the baton is back.
            bool kept = _threads.TryKeep(this);
            _back.Release();
            if (!kept)
            {
                break;
            }

            _go.Wait();
        }

        _threads.OnEnded(this);
    }

    private void ThrowIfGivenUp()
    {
        if (_isGivenUp)
        {
            // What it does from here on, it does on its own: it has no loop any more.
            EventLoop.LeaveThread();
            SynchronizationContext.SetSynchronizationContext(null);
            throw new OperationCanceledException($"Loop '{_loop.Name}' has ended under a cooperative thread that waited for it.");
        }
    }
}
