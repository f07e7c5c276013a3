using System.Runtime.InteropServices;

namespace Gyre.Hosting;

/// <summary>Ctrl-C and SIGTERM: the first cancels main, the second lets the system end the process at once.</summary>
internal sealed class SignalHandler : IDisposable
{
    private readonly LoopRun _run;
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private int _count;

    public SignalHandler(LoopRun run)
    {
        _run = run;
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    }

    public bool WasSignalled => Volatile.Read(ref _count) > 0;

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _count) == 1)
        {
            context.Cancel = true;
            _run.CancelMain($"{context.Signal} was received");
        }
    }
}
