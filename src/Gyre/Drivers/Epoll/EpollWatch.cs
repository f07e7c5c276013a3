using System.Diagnostics;
using System.Net.Sockets;
using Gyre.Interop.Linux;

namespace Gyre.Drivers.Epoll;

/// <summary>All waits for the readiness of one descriptor: epoll takes a descriptor once, with the union of what they want.</summary>
/// <remarks>
/// Registered level-triggered, because a wait that begins when the descriptor is ready already must end at once, and taken
/// out with the last wait: the handle may be closed right after it. A regular file can't be registered (EPERM): its
/// operations never block, so it counts as ready.
/// </remarks>
[DebuggerDisplay("watch of fd {_fd}, {_waits.Count} waits")]
internal sealed class EpollWatch(EpollDriver driver, int fd) : IEpollTarget
{
    private readonly int _fd = fd;
    private readonly List<EpollReadiness> _waits = [];
    private uint _registered;
    private SocketError? _outcomeOfAll;

    public int Slot { get; set; } = -1;

    public uint Generation { get; set; }

    public bool IsGathered { get; set; }

    public void Add(EpollReadiness wait)
    {
        _waits.Add(wait);
        UpdateRegistration();
    }

    /// <summary>Has the cancelled waits ended in the next turn.</summary>
    public void RunLater() => driver.Gather(this);

    public void OnEvents(uint mask)
    {
        // Level-triggered, an event that was raised for a wait which ended meanwhile is told again as long as it holds.
        EndWhere(wait => wait.IsSatisfiedBy(mask), SocketError.Success);
    }

    public void RunGathered()
    {
        EndWhere(static wait => wait.IsCancelled, SocketError.OperationAborted);
        if (_outcomeOfAll is { } outcome)
        {
            _outcomeOfAll = null;
            EndWhere(static _ => true, outcome);
        }
    }

    public void Continue()
    {
    }

    public void CloseAtDisposal()
    {
        foreach (EpollReadiness wait in _waits)
        {
            wait.Release();
        }
    }

    private void EndWhere(Predicate<EpollReadiness> isOver, SocketError outcome)
    {
        // Told in order of arrival, and only after the descriptor was given up. What handlers begin anew meanwhile is a
        // watch of its own if this one has ended, else it joins at the end of this one's list.
        List<EpollReadiness> over = _waits.FindAll(isOver);
        _waits.RemoveAll(isOver);
        if (_waits.Count > 0)
        {
            UpdateRegistration();
        }
        else if (Slot >= 0)
        {
            driver.Unregister(_fd);
            driver.RemoveWatch(this, _fd);
        }

        foreach (EpollReadiness wait in over)
        {
            wait.End(outcome);
        }
    }

    private void UpdateRegistration()
    {
        uint wanted = 0;
        foreach (EpollReadiness wait in _waits)
        {
            wanted |= wait.Interest;
        }

        if (wanted == _registered)
        {
            return;
        }

        // A descriptor that was closed behind its handle's back is out of the set (ENOENT), and its number may be new again.
        int error = _registered == 0 ? -Errno.ENOENT : driver.Reregister(this, _fd, wanted);
        error = error == -Errno.ENOENT ? driver.Register(this, _fd, wanted) : error;
        if (error == 0)
        {
            _registered = wanted;
            return;
        }

        _outcomeOfAll = error == -Errno.EPERM ? SocketError.Success : Errno.ToSocketError(-error);
        driver.Gather(this);
    }
}
