using Gyre.Diagnostics;

namespace Gyre.Loop;

/// <summary>Decides what happens when code on a loop's thread blocks it (<c>.Result</c>, <c>.Wait()</c>, a contended lock).</summary>
/// <remarks>
/// <para>The facts. The runtime tells a synchronization context before it blocks the thread, but hands over bare system
/// handles: neither the task nor the semaphore is known. Most waits are harmless (a lock held for microseconds by another
/// thread); one for something that only this loop can complete never ends.</para>
/// <para>The answer. A short wait passes, and so does one with a time-out. After that the stack tells what is waited for
/// (<see cref="BlockedCall"/>), and the wait throws, on the stack of whoever blocked, when one of these holds:</para>
/// <para>1. A task is certain to be completed by this loop alone: the chain of continuations of something that only this
/// loop runs ends in the event of this very wait (<see cref="TaskChain"/>, <see cref="OwnWait"/>). At once.</para>
/// <para>2. A task is likely to be: work that only this loop runs holds the <see cref="TaskCompletionSource"/> or another
/// means to complete it (<see cref="CompletionSearch"/>). Another thread may hold the same, hence the patience.</para>
/// <para>3. A semaphore or event in memory is likely to be signalled by such work in the same sense.</para>
/// <para>4. A semaphore or event is within nobody's visible reach, and circumstances speak against it: the pool has nothing
/// to do, while this loop has work to run, or at least flows that wait for something.</para>
/// <para>The price. A task source, semaphore or event that a thread of its own completes later than the patience lasts, and
/// that the loop's work could have completed as well, is judged wrongly; such a wait belongs in an offloaded call anyway.
/// A task that only this loop's work could complete by a way that the search doesn't follow is waited for, as before.</para>
/// </remarks>
internal sealed class BlockingWaitGuard
{
    /// <summary>What a wait may take without being looked at; a contended lock is over long before.</summary>
    private const int HarmlessMilliseconds = 10;

    /// <summary>How often chains are followed again: a foreign task may end meanwhile, and want this loop for its continuation.</summary>
    private const int ChainsMilliseconds = 100;

    /// <summary>How often the longer search runs; it may read thousands of objects, all while nothing else could run.</summary>
    private const int SearchMilliseconds = 500;

    /// <summary>How long it must look as if this loop's work ended the wait; longer than a thread that sleeps between tries.</summary>
    private const int LikelyMilliseconds = 4000;

    /// <summary>The same while the pool works on something: it might end the wait when it is done.</summary>
    private const int LikelyWhilePoolWorksMilliseconds = 8000;

    /// <summary>How long ready work must wait, and the pool rest, before a wait without structure counts as one that never ends.</summary>
    private const int ReadyWorkMilliseconds = 1000;

    /// <summary>The same when nothing is ready and flows merely wait for a socket or a timer.</summary>
    private const int ParkedWorkMilliseconds = 5000;

    private const int WaitTimeout = 258;

    private readonly EventLoop _loop;
    private readonly OwnWait _own;
    private readonly BlockedCallKind _kind = BlockedCall.Find();
    private int _waited;
    private int _likely;
    private int _readyWorkHeldUp;
    private int _parkedWorkHeldUp;

    private BlockingWaitGuard(EventLoop loop, IntPtr[] handles, bool waitAll)
    {
        _loop = loop;
        _own = new OwnWait(() => ScopeContext.WaitPlainly(handles, waitAll, 0) != WaitTimeout);
    }

    public static int Wait(EventLoop loop, IntPtr[] handles, bool waitAll, int millisecondsTimeout)
    {
        int first = millisecondsTimeout < 0 ? HarmlessMilliseconds : millisecondsTimeout;
        int result = ScopeContext.WaitPlainly(handles, waitAll, first);
        if (result == WaitTimeout && millisecondsTimeout < 0)
        {
            // Only now, so that the many short waits cost nothing.
            result = new BlockingWaitGuard(loop, handles, waitAll).WaitLonger(handles, waitAll);
        }

        loop.CountBlockingWait();
        return result;
    }

    private int WaitLonger(IntPtr[] handles, bool waitAll)
    {
        int result = WaitTimeout;
        while (result == WaitTimeout)
        {
            _waited += HarmlessMilliseconds;
            if (Judge() is { } forWhat)
            {
                throw Refusal(forWhat);
            }

            // What woke the thread while it was judging was taken by that; the caller looks again, and waits anew if it must.
            result = _own.WasWoken ? 0 : ScopeContext.WaitPlainly(handles, waitAll, HarmlessMilliseconds);
        }

        return result;
    }

    /// <summary>For what the wait would be in vain; null while it may go on.</summary>
    private string? Judge() => _kind switch
    {
        BlockedCallKind.Task => JudgeTask(),
        BlockedCallKind.Signal => JudgeByCircumstances(parkedWorkCounts: true) ?? JudgeSignal(),
        BlockedCallKind.Handle => JudgeByCircumstances(parkedWorkCounts: false),
        _ => null,
    };

    private string? JudgeTask()
    {
        bool first = _waited == HarmlessMilliseconds;
        if (first || _waited % ChainsMilliseconds == 0)
        {
            IEnumerable<object> ends = TaskChain.BlockedWaits(_loop.WorkOfItsOwn(), TaskChain.Strictness.Certain);
            if (_own.IsAmong(ends))
            {
                return "a task that only this loop can complete";
            }
        }

        return _waited % SearchMilliseconds == 0 && IsLikely(TaskChain.BlockedWaits(Reach().Tasks, TaskChain.Strictness.Likely))
            ? "a task that work of this loop would complete, which can't run meanwhile"
            : null;
    }

    private string? JudgeSignal() => _waited % SearchMilliseconds == 0 && IsLikely(Reach().Signals)
        ? "a semaphore or event that work of this loop would signal, which can't run meanwhile"
        : null;

    private (List<Task> Tasks, List<object> Signals) Reach() =>
        CompletionSearch.WithinReachOf(_loop.WorkNotHeldUpBy(ScopeContext.Resolve(_loop).Node));

    /// <summary>Whether one of <paramref name="ends"/>, which this loop's work may set, has for long looked like this wait's, and is.</summary>
    private bool IsLikely(List<object> ends)
    {
        if (!_own.MayBeAmong(ends))
        {
            _likely = 0;
            return false;
        }

        _likely += SearchMilliseconds;
        int patience = _loop.IsPoolIdle() ? LikelyMilliseconds : LikelyWhilePoolWorksMilliseconds;
        return _likely >= patience && _own.IsAmong(ends);
    }

    private string? JudgeByCircumstances(bool parkedWorkCounts)
    {
        bool poolIdle = _loop.IsPoolIdle();
        bool ready = poolIdle && _loop.HasWorkItCannotRun;
        _readyWorkHeldUp = ready ? _readyWorkHeldUp + HarmlessMilliseconds : 0;

        // Nothing arrives while the thread is blocked but posts, so that one look in a while is enough.
        if (parkedWorkCounts && poolIdle && (_parkedWorkHeldUp > 0 || _loop.WaitsForAnything()))
        {
            _parkedWorkHeldUp += HarmlessMilliseconds;
        }
        else
        {
            _parkedWorkHeldUp = 0;
        }

        return _readyWorkHeldUp >= ReadyWorkMilliseconds || _parkedWorkHeldUp >= ParkedWorkMilliseconds
            ? "something that nobody but this loop seems able to complete"
            : null;
    }

    private InvalidOperationException Refusal(string forWhat)
    {
        CoroutineNode? holder = ScopeContext.Resolve(_loop).Node;
        string who = holder is null ? "A callback" : $"The coroutine {holder}";
        return new InvalidOperationException(
            $"{who} blocked the thread of loop '{_loop.Name}' (.Result, .Wait() or a semaphore) for {forWhat}: it would wait " +
            "for ever. Await it instead (await task, await semaphore.WaitAsync()), or do the blocking work on another thread.");
    }
}
