using Gyre.Interop.Linux;

namespace Gyre.Drivers.Epoll;

/// <summary>The eventfd that lets other threads end a wait.</summary>
/// <remarks>
/// It is registered edge-triggered, and each signal is an edge, so its counter needn't be read back: at one a signal it
/// would take centuries to fill.
/// </remarks>
internal sealed class EpollWake(WakeEvent wakeEvent) : IEpollTarget
{
    public int Slot { get; set; } = -1;

    public uint Generation { get; set; }

    public bool IsGathered { get; set; }

    /// <summary>Any thread.</summary>
    public void Signal() => wakeEvent.Signal();

    public void OnEvents(uint mask) => wakeEvent.Clear();

    public void RunGathered()
    {
    }

    public void Continue()
    {
    }

    public void CloseAtDisposal() => wakeEvent.Close();
}
