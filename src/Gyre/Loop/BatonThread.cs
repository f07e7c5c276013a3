using System.Diagnostics;
using System.Runtime.CompilerServices;

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
    private readonly Homecoming _home;
    private ScopeContext? _parkedIn;
    private Action? _work;
    private bool _isStarted;
    private volatile bool _isGivenUp;

    public BatonThread(EventLoop loop, BatonThreads threads, int number)
    {
        _loop = loop;
        _threads = threads;
        _resume = Resume;
        _home = new Homecoming(this);
        _thread = new Thread(Serve, StackBytes) { Name = $"{loop.Name} cooperative {number}", IsBackground = true };
    }

    /// <summary>The thread that runs the calling code, if it is one of these; null elsewhere.</summary>
    public static BatonThread? Current => t_current;

    public EventLoop Loop => _loop;

    /// <summary>Whether the calling code holds the baton; not so while it blocks on something else than the loop.</summary>
    private bool HoldsBaton => _loop.HasAccess;

    /// <summary>Has it run <paramref name="work"/>; returns when that has parked or ended. By the holder of the baton.</summary>
    public void Begin(Action work)
    {
        _work = work;
        if (!_isStarted)
        {
            Start();
        }

        Resume();
    }

    /// <summary>Gives the baton back until what <paramref name="awaiter"/> stands for has completed. On this thread.</summary>
    /// <exception cref="OperationCanceledException">The loop has ended, and nobody will resume it.</exception>
    public void ParkUntil<TAwaiter>(TAwaiter awaiter)
        where TAwaiter : ICriticalNotifyCompletion
    {
        ThrowIfGivenUp();
        SynchronizationContext? own = SynchronizationContext.Current;
        _parkedIn = ScopeContext.Resolve(_loop);
        _loop.CurrentContext = _parkedIn;
        SynchronizationContext.SetSynchronizationContext(_home);
        try
        {
            awaiter.UnsafeOnCompleted(_resume);
            SynchronizationContext.SetSynchronizationContext(null);
            _back.Release();
            _go.Wait();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(own);
        }

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

    /// <exception cref="OperationCanceledException">The loop has ended under this thread.</exception>
    public void ThrowIfGivenUp()
    {
        if (_isGivenUp)
        {
            // What it does from here on, it does on its own: it has no loop any more.
            EventLoop.LeaveThread();
            SynchronizationContext.SetSynchronizationContext(null);
            throw new OperationCanceledException($"Loop '{_loop.Name}' has ended under a cooperative thread that waited for it.");
        }
    }

    /// <summary>Without the starter's execution context: each piece of work brings its own.</summary>
    private void Start()
    {
        try
        {
            _thread.UnsafeStart();
            _isStarted = true;
        }
        catch
        {
            // The system has no thread left to give; this one will never run.
            _threads.OnEnded(this);
            throw;
        }
    }

    /// <summary>The continuation of whatever it waits for: passes the baton until it is back. On the loop, in the scope in which it parked.</summary>
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

    /// <summary>Apart, so that the frame of an idle thread keeps nothing of what it ran.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Work()
    {
        Action work = _work!;
        _work = null;
        work();
        _parkedIn = null;
    }

    private void Serve()
    {
        t_current = this;
        EventLoop.EnterThread(_loop);
        ExecutionContext clean = ExecutionContext.Capture()!;
        _go.Wait();
        while (!_isGivenUp)
        {
            Work();

            // Work that flows no context of its own may have set values in the thread's.
            ExecutionContext.Restore(clean);
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

    /// <summary>
    /// What an awaiter takes for the context of a thread that parks: the way back to the ready queue. An awaiter that saw the
    /// scope's own context would resume the thread inside whoever completes what it waits for, in the middle of his work; one
    /// that saw none, on the pool, with no baton.
    /// </summary>
    internal sealed class Homecoming(BatonThread thread) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) =>
            _ = thread._loop.TryPost(new ReadyItem(PostedCallback.Invoke, new PostedCallback(d, state), thread._parkedIn!, RestoreContext: true));
    }
}
