using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Gyre.Interop.Linux;
using Gyre.Time;

namespace Gyre.Drivers.IoUring;

/// <summary>The driver over io_uring (Linux 6.1 and later).</summary>
/// <remarks>
/// Operations in the ring carry slot, generation and kind in <c>user_data</c>, so a completion finds its object through a
/// table without any handle into managed memory, and one that comes after its slot was reused is seen to be stale.
/// Everything gathered in a turn goes out with the one enter that also waits.
/// </remarks>
[DebuggerDisplay("io_uring, {_connections} connections, {_inFlight} in flight")]
internal sealed unsafe class IoUringDriver : Driver
{
    public const string DriverName = "io_uring";
    internal const ulong IgnoredUserData = 0;

    private const int GenerationShift = 32;
    private const int KindShift = 56;
    private const uint GenerationMask = 0xFFFFFF;

    /// <summary>How long disposal waits for the kernel to let go of buffers before it keeps them for ever instead.</summary>
    private const long DisposalNanosecondsMax = 2_000_000_000;

    /// <summary>Memory that a closed ring may still write to, which is never while this works; held so that it can't be reused.</summary>
    private static readonly List<object> s_quarantine = [];

    private readonly Ring _ring;
    private readonly ProvidedBuffers _buffers;
    private readonly WakeTarget _wake;
    private readonly Stack<int> _freeSlots = new();
    private readonly List<IoUringConnection> _quietSends = [];
    private readonly Queue<IoUringConnection> _fileSends = new();
    private IIoUringTarget?[] _targets = new IIoUringTarget?[64];
    private int _slotsUsed;
    private uint _generations;
    private int _inFlight;
    private int _connections;
    private long _waits;
    private long _completions;
    private long _otherCalls;
    private long _stale;
    private bool _disposed;

    private IoUringDriver(Ring ring, ProvidedBuffers buffers, WakeEvent wakeEvent)
    {
        _ring = ring;
        _buffers = buffers;
        _wake = new WakeTarget(this, wakeEvent);
        AddTarget(_wake);
        _wake.Arm();
    }

    public override string Name => DriverName;

    public override DriverCapabilities Capabilities =>
        DriverCapabilities.Readiness | DriverCapabilities.SharedListen | DriverCapabilities.HandOver |
        DriverCapabilities.RealWorld | DriverCapabilities.CountsSystemCalls | DriverCapabilities.IdleWithoutBuffer |
        DriverCapabilities.AdoptListener | DriverCapabilities.SendFile;

    public override bool IdleTurnIsFree => true;

    public override DriverStatistics Statistics =>
        new(_ring.Enters + _otherCalls, _waits, _completions, _connections, _buffers.Held, _stale);

    /// <summary>Enters alone, without the calls that open and close.</summary>
    internal long Enters => _ring.Enters;

    internal ProvidedBuffers Buffers => _buffers;

    /// <summary>Makes a driver on the calling thread, which will be the loop's.</summary>
    /// <exception cref="PlatformNotSupportedException">The kernel refuses; the message says why and what to do.</exception>
    public static IoUringDriver Create(IoUringOptions? options = null) =>
        TryCreate(options ?? new IoUringOptions(), out string reason) ?? throw new PlatformNotSupportedException(reason);

    /// <summary>Makes a driver, or says in a sentence why it can't.</summary>
    public static IoUringDriver? TryCreate(IoUringOptions options, out string reason)
    {
        if (!IoUringSupport.IsKernelRecent(out reason))
        {
            return null;
        }

        Ring? ring = Ring.TryCreate(options, out int error);
        if (ring is null)
        {
            reason = IoUringSupport.Explain(-error);
            return null;
        }

        ProvidedBuffers? buffers = ProvidedBuffers.TryCreate(ring, options.BufferCount, options.BufferBytes, out error);
        WakeEvent? wakeEvent = buffers is null ? null : WakeEvent.TryCreate(out error);
        if (buffers is null || wakeEvent is null)
        {
            ring.Dispose();
            buffers?.Free();
            reason = IoUringSupport.Explain(-error);
            return null;
        }

        reason = "the kernel allows io_uring";
        return new IoUringDriver(ring, buffers, wakeEvent);
    }

    public override long GetTimestamp() => SystemClock.Nanoseconds;

    public override DateTimeOffset GetUtcNow() => SystemClock.UtcNow;

    public override DriverListener Listen(IPEndPoint endPoint, ListenOptions options)
    {
        int fd = SocketSetup.OpenListener(endPoint, options.Backlog, options.Shared, options.DualStack, options.NoDelay, flags: 0);
        _otherCalls += 4;
        return new IoUringListener(this, fd, options.AcceptsOneByOne, isShared: false);
    }

    public override DriverListener AdoptListener(ListenerHandle listener, ListenOptions options)
    {
        ObjectDisposedException.ThrowIf(listener.IsClosed, listener);
        SocketSetup.PrepareAdopted((int)listener.DangerousGetHandle(), listener.LocalEndPoint, options.NoDelay);
        _otherCalls += 3;
        return new IoUringListener(this, (int)listener.Release(), options.AcceptsOneByOne, isShared: true);
    }

    public override DriverOperation StartConnect(IPEndPoint endPoint, ConnectOptions options, IConnectHandler handler)
    {
        var connect = new IoUringConnect(this, handler);
        connect.Start(endPoint, options);
        return connect;
    }

    public override DriverOperation StartWaitReady(SafeHandle handle, ReadinessKind kind, IReadinessHandler handler)
    {
        var wait = new IoUringReadiness(this, handle, handler);
        wait.Start(kind);
        return wait;
    }

    public override DriverConnection Adopt(object detached) => new IoUringConnection(this, ((DetachedDescriptor)detached).Take());

    public override int Turn(long timeoutNanoseconds)
    {
        int delivered = SendFiles();
        _buffers.Publish();
        bool wait = timeoutNanoseconds != 0 && delivered == 0 && _fileSends.Count == 0 && !_ring.HasCompletions;
        if (wait || _ring.ToSubmit > 0 || _ring.NeedsEnter)
        {
            _waits += wait ? 1 : 0;
            int error = _ring.Enter(wait, timeoutNanoseconds);
            if (error < 0)
            {
                throw new InvalidOperationException(
                    $"io_uring_enter failed with errno {-error}; the ring can't be used any more.");
            }
        }

        delivered += Reap();
        if (_quietSends.Count > 0 && !_ring.HasUnseenCompletions)
        {
            delivered += SettleQuietSends();
        }

        // A file follows its headers, whose end was just told.
        return delivered + SendFiles();
    }

    public override void Wake() => _wake.Signal();

    /// <summary>Gathers an operation of <paramref name="target"/>; exactly one last completion of it will follow.</summary>
    internal void Push(IIoUringTarget target, OperationKind kind, ref SubmissionEntry entry)
    {
        entry.UserData = UserDataOf(target, kind);
        _inFlight++;
        _ring.Push(entry);
    }

    /// <summary>
    /// Gathers a send whose success makes no completion; false when it would have to wait for room. It is over, for good or
    /// bad, once the kernel has taken it: see <see cref="SettleQuietSends"/>.
    /// </summary>
    internal bool TryPushQuietSend(IoUringConnection connection, ref SubmissionEntry entry, out uint position)
    {
        entry.UserData = UserDataOf(connection, OperationKind.Send);
        if (!_ring.TryPush(entry, out position))
        {
            return false;
        }

        _inFlight++;
        _quietSends.Add(connection);
        return true;
    }

    /// <summary>Takes a quiet send off the count of what the kernel works on.</summary>
    internal void QuietSendEnded() => _inFlight--;

    /// <summary>
    /// Asks the kernel to cancel the target's operation of <paramref name="kind"/>; that operation's own completion follows.
    /// </summary>
    internal void Cancel(IIoUringTarget target, OperationKind kind)
    {
        var entry = new SubmissionEntry
        {
            Opcode = IoUringAbi.OpAsyncCancel,
            Fd = -1,
            Address = UserDataOf(target, kind),
            UserData = IgnoredUserData,
            Flags = IoUringAbi.SqeCqeSkipSuccess,
        };
        _ring.Push(entry);
    }

    /// <summary>Has <see cref="IoUringConnection.SendFilePiece"/> called in this or the next turn, which doesn't wait then.</summary>
    internal void GatherFile(IoUringConnection connection) => _fileSends.Enqueue(connection);

    /// <summary>Counts a system call made outside the ring.</summary>
    internal void CountCall() => _otherCalls++;

    /// <summary>Counts several.</summary>
    internal void CountCalls(int count) => _otherCalls += count;

    internal void AddTarget(IIoUringTarget target)
    {
        if (!_freeSlots.TryPop(out int slot))
        {
            slot = _slotsUsed++;
            if (slot == _targets.Length)
            {
                Array.Resize(ref _targets, slot * 2);
            }
        }

        target.Slot = slot;
        target.Generation = ++_generations & GenerationMask;
        _targets[slot] = target;
        _connections += target is IoUringConnection ? 1 : 0;
    }

    internal void RemoveTarget(IIoUringTarget target)
    {
        _targets[target.Slot] = null;
        _freeSlots.Push(target.Slot);
        target.Slot = -1;
        _connections -= target is IoUringConnection ? 1 : 0;
    }

    internal void Deliver(in CompletionEntry completion)
    {
        _completions++;
        var kind = (OperationKind)(completion.UserData >> KindShift);
        if (kind == OperationKind.Ignored)
        {
            return;
        }

        uint slot = (uint)completion.UserData;
        uint generation = (uint)(completion.UserData >> GenerationShift) & GenerationMask;
        IIoUringTarget? target = slot < (uint)_targets.Length ? _targets[slot] : null;
        if (target is null || target.Generation != generation)
        {
            DropStale(kind, completion);
            return;
        }

        bool last = (completion.Flags & IoUringAbi.CqeMore) == 0;
        _inFlight -= last ? 1 : 0;
        target.Complete(kind, completion.Result, completion.Flags, last);
    }

    protected override void Dispose(bool disposing)
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        bool released = CancelEverything();
        foreach (IIoUringTarget? target in _targets)
        {
            target?.CloseAtDisposal();
        }

        _ring.Dispose();
        if (released)
        {
            _buffers.Free();
        }
        else
        {
            lock (s_quarantine)
            {
                s_quarantine.Add(_targets);
                s_quarantine.Add(_buffers);
            }
        }
    }

    private static ulong UserDataOf(IIoUringTarget target, OperationKind kind) =>
        (uint)target.Slot | ((ulong)target.Generation << GenerationShift) | ((ulong)kind << KindShift);

    /// <summary>A piece of each file that can go on; what handlers start meanwhile is for the next time. How many ended.</summary>
    private int SendFiles()
    {
        int ended = 0;
        for (int count = _fileSends.Count; count > 0; count--)
        {
            ended += _fileSends.Dequeue().SendFilePiece() ? 1 : 0;
        }

        return ended;
    }

    private int Reap()
    {
        uint count = _ring.CountCompletions();
        for (uint i = 0; i < count && _ring.TryReap(out CompletionEntry completion); i++)
        {
            Deliver(completion);
        }

        return (int)count;
    }

    /// <summary>
    /// Quiet sends run to their end within the enter that takes them, because they may not block. Those that failed have said
    /// so by a completion, which was delivered before (unless the kernel keeps completions aside: then this waits until it has
    /// handed over all of them); the silent ones have sent everything.
    /// </summary>
    private int SettleQuietSends()
    {
        // A handler may start the next quiet send, which is of the next enter, or fill the queue so that it is handed over in
        // between; what that takes has not been heard yet. Hence both are taken first.
        int count = _quietSends.Count;
        uint taken = _ring.Taken;
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            IoUringConnection connection = _quietSends[i];
            if (!Ring.IsConsumed(connection.QuietSendPosition, taken))
            {
                _quietSends[kept++] = connection;
            }
            else
            {
                connection.SettleQuietSend();
            }
        }

        _quietSends.RemoveRange(kept, count - kept);
        return count - kept;
    }

    /// <summary>
    /// A completion whose slot has moved on. It must not leak what it carries: a receive buffer goes back to the ring, an
    /// accepted descriptor is closed.
    /// </summary>
    private void DropStale(OperationKind kind, in CompletionEntry completion)
    {
        _stale++;
        if ((completion.Flags & IoUringAbi.CqeMore) == 0)
        {
            _inFlight--;
        }

        if ((completion.Flags & IoUringAbi.CqeBuffer) != 0)
        {
            _buffers.Recycle((int)(completion.Flags >> IoUringAbi.CqeBufferShift));
        }

        if (kind == OperationKind.Accept && completion.Result >= 0)
        {
            Libc.Close(completion.Result);
        }
    }

    /// <summary>Cancels all operations and waits, within a bound, until none can touch memory any more.</summary>
    private bool CancelEverything()
    {
        const uint cancelAllOfAnyKind = 1u | 4u;
        long deadline = GetTimestamp() + DisposalNanosecondsMax;

        // Quiet sends are over once an enter took them, and say nothing; those that do say something are not counted twice.
        _inFlight -= _quietSends.Count;
        bool first = true;
        while ((_inFlight > 0 || (first && _quietSends.Count > 0)) && GetTimestamp() < deadline)
        {
            if (first || _ring.IsEverythingSubmitted)
            {
                // One at a time: a kernel that doesn't take them must not make them pile up.
                var entry = new SubmissionEntry
                {
                    Opcode = IoUringAbi.OpAsyncCancel,
                    Fd = -1,
                    OperationFlags = cancelAllOfAnyKind,
                    UserData = IgnoredUserData,
                };
                _ring.Push(entry);
                first = false;
            }

            _buffers.Publish();
            if (_ring.Enter(wait: true, timeoutNanoseconds: 10_000_000) < 0)
            {
                return false;
            }

            while (_ring.TryReap(out CompletionEntry completion))
            {
                CountEnded(completion);
            }
        }

        return _inFlight == 0;
    }

    private void CountEnded(in CompletionEntry completion)
    {
        var kind = (OperationKind)(completion.UserData >> KindShift);
        bool quiet = kind == OperationKind.Send && _targets[(uint)completion.UserData] is IoUringConnection { IsQuietSendPending: true };
        if (kind != OperationKind.Ignored && (completion.Flags & IoUringAbi.CqeMore) == 0 && !quiet)
        {
            _inFlight--;
        }

        if (kind is OperationKind.Accept && completion.Result >= 0)
        {
            Libc.Close(completion.Result);
        }
        else if (kind is OperationKind.Close && completion.Result >= 0)
        {
            // The number may be another file's by now: it must not be closed again.
            _targets[(uint)completion.UserData] = null;
        }
    }
}
