using Gyre.LowLevel;

namespace Gyre.Net;

/// <summary>The one flow that waits for a connection's bytes to be sent.</summary>
internal abstract class OutputWait(EventLoop loop) : WaitSource(loop)
{
    public void WakeIfParked(Exception? error)
    {
        if (IsParked)
        {
            Wake(error);
        }
    }
}
