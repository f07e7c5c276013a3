using System.Diagnostics;

namespace Gyre.Drivers.Epoll;

/// <summary>
/// The table by which an event finds its object. Slot and generation travel in the event's data: within one batch a
/// descriptor can be closed and its number reused, and the generation shows that the event was meant for the former owner.
/// </summary>
[DebuggerDisplay("{Connections} connections, {_slotsUsed - _free.Count} targets")]
internal sealed class EpollTargets
{
    private const int GenerationShift = 32;

    private readonly Stack<int> _free = new();
    private IEpollTarget?[] _targets = new IEpollTarget?[64];
    private int _slotsUsed;
    private uint _generations;

    /// <summary>Connections in the table.</summary>
    public int Connections { get; private set; }

    /// <summary>What to register with epoll for <paramref name="target"/>.</summary>
    public static ulong DataOf(IEpollTarget target) => (uint)target.Slot | ((ulong)target.Generation << GenerationShift);

    public void Add(IEpollTarget target)
    {
        if (!_free.TryPop(out int slot))
        {
            slot = _slotsUsed++;
            if (slot == _targets.Length)
            {
                Array.Resize(ref _targets, slot * 2);
            }
        }

        target.Slot = slot;
        target.Generation = ++_generations;
        _targets[slot] = target;
        Connections += target is EpollConnection ? 1 : 0;
    }

    public void Remove(IEpollTarget target)
    {
        _targets[target.Slot] = null;
        _free.Push(target.Slot);
        target.Slot = -1;
        Connections -= target is EpollConnection ? 1 : 0;
    }

    /// <summary>Puts a connection in the place of the attempt that made it, so that the registration goes on as it is.</summary>
    public void Replace(EpollConnect attempt, EpollConnection connection)
    {
        connection.Slot = attempt.Slot;
        connection.Generation = attempt.Generation;
        _targets[attempt.Slot] = connection;
        attempt.Slot = -1;
        Connections++;
    }

    /// <summary>Whom an event's data means; null when that one is gone.</summary>
    public IEpollTarget? Find(ulong data)
    {
        uint slot = (uint)data;
        IEpollTarget? target = slot < (uint)_targets.Length ? _targets[slot] : null;
        return target is not null && target.Generation == (uint)(data >> GenerationShift) ? target : null;
    }

    /// <summary>Closes the descriptors of all, for the end of the driver.</summary>
    public void CloseAll()
    {
        foreach (IEpollTarget? target in _targets)
        {
            target?.CloseAtDisposal();
        }
    }
}
