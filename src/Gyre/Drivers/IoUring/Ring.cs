using System.Diagnostics;
using System.Runtime.InteropServices;
using Gyre.Interop.Linux;

namespace Gyre.Drivers.IoUring;

/// <summary>
/// One io_uring: its mapped queues, and the only code that enters it.
/// </summary>
/// <remarks>
/// The facts of the kernel. SINGLE_ISSUER binds the ring to the thread that made it: an enter from another fails with
/// EEXIST. DEFER_TASKRUN runs completion work only inside an enter of that thread that asks for events, so completions
/// don't interrupt the program, and TASKRUN_FLAG shows in shared memory that such work is pending. When the completion
/// queue is full the kernel keeps further completions aside (NODROP), raises the overflow flag, and hands them over at the
/// next enter that asks for events; EBUSY at submission is another sign of it, but an unreliable one, so the flag is what
/// is read here.
/// </remarks>
[DebuggerDisplay("fd = {_fd}, to submit = {ToSubmit}, backlog = {_backlog.Count}")]
internal sealed unsafe class Ring : IDisposable
{
    private const uint SetupFlags =
        IoUringAbi.SetupSingleIssuer | IoUringAbi.SetupDeferTaskrun | IoUringAbi.SetupTaskrunFlag |
        IoUringAbi.SetupSubmitAll | IoUringAbi.SetupCqSize | IoUringAbi.SetupClamp;

    private readonly int _fd;
    private readonly int _issuerThreadId = Environment.CurrentManagedThreadId;
    private readonly int _enterFd;
    private readonly uint _enterFlags;
    private readonly byte* _rings;
    private readonly nuint _ringsLength;
    private readonly SubmissionEntry* _entries;
    private readonly nuint _entriesLength;
    private readonly uint* _sqHead;
    private readonly uint* _sqTail;
    private readonly uint* _sqFlags;
    private readonly uint _sqMask;
    private readonly uint _sqCount;
    private readonly uint* _cqHead;
    private readonly uint* _cqTail;
    private readonly uint _cqMask;
    private readonly CompletionEntry* _completions;
    private readonly Queue<SubmissionEntry> _backlog = new();
    private uint _tail;
    private uint _submitted;
    private bool _disposed;

    private Ring(int fd, in SetupParameters parameters, byte* rings, nuint ringsLength, byte* entries, nuint entriesLength)
    {
        _fd = fd;
        _rings = rings;
        _ringsLength = ringsLength;
        _entries = (SubmissionEntry*)entries;
        _entriesLength = entriesLength;
        _sqHead = (uint*)(rings + parameters.Sq.Head);
        _sqTail = (uint*)(rings + parameters.Sq.Tail);
        _sqFlags = (uint*)(rings + parameters.Sq.Flags);
        _sqMask = *(uint*)(rings + parameters.Sq.RingMask);
        _sqCount = parameters.SqEntries;
        _cqHead = (uint*)(rings + parameters.Cq.Head);
        _cqTail = (uint*)(rings + parameters.Cq.Tail);
        _cqMask = *(uint*)(rings + parameters.Cq.RingMask);
        _completions = (CompletionEntry*)(rings + parameters.Cq.Cqes);

        // The indirection array maps slot to slot once and for all.
        uint* array = (uint*)(rings + parameters.Sq.Array);
        for (uint i = 0; i < _sqCount; i++)
        {
            array[i] = i;
        }

        // A registered ring saves the kernel a look-up in the descriptor table at each enter. A refusal costs only that.
        var update = new ResourceUpdate { Offset = uint.MaxValue, Data = (ulong)fd };
        bool registered = Libc.IoUringRegister(fd, IoUringAbi.RegisterRingFds, &update, 1) == 1;
        _enterFd = registered ? (int)update.Offset : fd;
        _enterFlags = registered ? IoUringAbi.EnterRegisteredRing : 0;
    }

    /// <summary>Enters made so far.</summary>
    public long Enters { get; private set; }

    /// <summary>The ring's descriptor, for registrations.</summary>
    public int Fd => _fd;

    /// <summary>Entries gathered and not yet handed over.</summary>
    public uint ToSubmit => _tail - _submitted;

    /// <summary>Whether completions lie in the queue.</summary>
    public bool HasCompletions => *_cqHead != Volatile.Read(ref *_cqTail);

    /// <summary>Whether completions lie in the queue, or are kept aside by the kernel because it was full.</summary>
    public bool HasUnseenCompletions => HasCompletions || (Volatile.Read(ref *_sqFlags) & IoUringAbi.SqCqOverflow) != 0;

    /// <summary>Whether the kernel has work that only an enter brings forward.</summary>
    public bool NeedsEnter =>
        (Volatile.Read(ref *_sqFlags) & (IoUringAbi.SqTaskrun | IoUringAbi.SqCqOverflow)) != 0 || _backlog.Count > 0;

    /// <summary>Makes a ring on the calling thread, which alone may use it; null and a negated errno when the kernel refuses.</summary>
    public static Ring? TryCreate(IoUringOptions options, out int error)
    {
        var parameters = new SetupParameters { Flags = SetupFlags, CqEntries = options.CompletionEntries };
        int fd = Libc.IoUringSetup(options.SubmissionEntries, &parameters);
        if (fd < 0)
        {
            error = fd;
            return null;
        }

        const uint needed = IoUringAbi.FeatureSingleMmap | IoUringAbi.FeatureNoDrop | IoUringAbi.FeatureExtArg;
        if ((parameters.Features & needed) != needed)
        {
            Libc.Close(fd);
            error = -Errno.ENOSYS;
            return null;
        }

        return Map(fd, parameters, out error);
    }

    /// <summary>
    /// Gathers one entry if it can go out with the next enter; <paramref name="position"/> then tells by
    /// <see cref="IsConsumed"/> whether the kernel has taken it.
    /// </summary>
    public bool TryPush(in SubmissionEntry entry, out uint position)
    {
        if (_backlog.Count > 0 || IsFull)
        {
            position = 0;
            return false;
        }

        _entries[_tail++ & _sqMask] = entry;
        position = _tail;
        return true;
    }

    /// <summary>How far the kernel has taken entries.</summary>
    public uint Taken => _submitted;

    /// <summary>Whether the entry that was gathered at <paramref name="position"/> is among those <paramref name="taken"/>.</summary>
    public static bool IsConsumed(uint position, uint taken) => (int)(taken - position) >= 0;

    /// <summary>Gathers one entry. When the queue is full it is handed over at once, and what still doesn't fit waits in order.</summary>
    public void Push(in SubmissionEntry entry)
    {
        if (_backlog.Count > 0 || (IsFull && !TryMakeRoom()))
        {
            _backlog.Enqueue(entry);
            return;
        }

        _entries[_tail++ & _sqMask] = entry;
    }

    /// <summary>
    /// Hands over what was gathered and, when <paramref name="wait"/> is set, waits for a completion or the time-out
    /// (nanoseconds; -1 for ever). Answers a negated errno for trouble worth reporting, else 0.
    /// </summary>
    public int Enter(bool wait, long timeoutNanoseconds)
    {
        DrainBacklog();

        // What the kernel wouldn't take yet must not be waited for: it goes out with the next enter.
        wait &= _backlog.Count == 0;
        uint toSubmit = ToSubmit;
        uint flags = IoUringAbi.EnterGetEvents | _enterFlags;
        GetEventsArgument argument = default;
        KernelTimespec timespec;
        GetEventsArgument* pointer = null;
        if (wait && timeoutNanoseconds > 0)
        {
            timespec.Seconds = timeoutNanoseconds / 1_000_000_000;
            timespec.Nanoseconds = timeoutNanoseconds % 1_000_000_000;
            argument.Timeout = (ulong)&timespec;
            pointer = &argument;
            flags |= IoUringAbi.EnterExtArg;
        }

        Volatile.Write(ref *_sqTail, _tail);
        Enters++;
        int result = Libc.IoUringEnter(_enterFd, toSubmit, wait ? 1u : 0u, flags, pointer);
        _submitted = Volatile.Read(ref *_sqHead);

        // EINTR and ETIME end a wait early. EAGAIN and EBUSY leave entries in the queue for the next enter, which comes
        // after the completions that caused them were reaped.
        return result >= 0 || -result is Errno.EINTR or Errno.ETIME or Errno.EAGAIN or Errno.EBUSY ? 0 : result;
    }

    /// <summary>Takes the oldest completion.</summary>
    public bool TryReap(out CompletionEntry completion)
    {
        uint head = *_cqHead;
        if (head == Volatile.Read(ref *_cqTail))
        {
            completion = default;
            return false;
        }

        completion = _completions[head & _cqMask];
        Volatile.Write(ref *_cqHead, head + 1);
        return true;
    }

    /// <summary>Whether the kernel has taken everything that was gathered.</summary>
    public bool IsEverythingSubmitted => ToSubmit == 0 && _backlog.Count == 0;

    /// <summary>Completions in the queue now.</summary>
    public uint CountCompletions() => Volatile.Read(ref *_cqTail) - *_cqHead;

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (_enterFlags != 0)
        {
            // The registration is a reference of its own: with it left, the ring would live on behind a closed descriptor.
            var update = new ResourceUpdate { Offset = (uint)_enterFd };
            Libc.IoUringRegister(_fd, IoUringAbi.UnregisterRingFds, &update, 1);
        }

        Libc.Unmap(_entries, _entriesLength);
        Libc.Unmap(_rings, _ringsLength);
        Libc.Close(_fd);
    }

    private bool IsFull => _tail - Volatile.Read(ref *_sqHead) >= _sqCount;

    private static Ring? Map(int fd, in SetupParameters parameters, out int error)
    {
        nuint sqLength = parameters.Sq.Array + (parameters.SqEntries * sizeof(uint));
        nuint cqLength = parameters.Cq.Cqes + (parameters.CqEntries * (nuint)sizeof(CompletionEntry));
        nuint ringsLength = Math.Max(sqLength, cqLength);
        nuint entriesLength = parameters.SqEntries * (nuint)sizeof(SubmissionEntry);
        const int flags = Libc.MAP_SHARED | Libc.MAP_POPULATE;
        void* rings = Libc.Map(ringsLength, flags, fd, IoUringAbi.OffsetSqRing, out error);
        if (rings == null)
        {
            Libc.Close(fd);
            return null;
        }

        void* entries = Libc.Map(entriesLength, flags, fd, IoUringAbi.OffsetSqes, out error);
        if (entries == null)
        {
            Libc.Unmap(rings, ringsLength);
            Libc.Close(fd);
            return null;
        }

        return new Ring(fd, parameters, (byte*)rings, ringsLength, (byte*)entries, entriesLength);
    }

    private bool TryMakeRoom()
    {
        // A ring with a single issuer refuses every other thread, and a cooperative thread may be the one that runs now. What it starts
        // waits for the loop's own next enter.
        if (Environment.CurrentManagedThreadId != _issuerThreadId)
        {
            return false;
        }

        Volatile.Write(ref *_sqTail, _tail);
        Enters++;
        Libc.IoUringEnter(_enterFd, ToSubmit, 0, _enterFlags, null);
        _submitted = Volatile.Read(ref *_sqHead);
        return !IsFull;
    }

    private void DrainBacklog()
    {
        while (_backlog.Count > 0 && (!IsFull || TryMakeRoom()))
        {
            _entries[_tail++ & _sqMask] = _backlog.Dequeue();
        }
    }
}
