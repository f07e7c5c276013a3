using Gyre.Conformance;
using Gyre.Drivers;
using Gyre.Drivers.IoUring;
using Gyre.Interop.Linux;
using Gyre.TestSupport;

namespace Gyre.Tests.Drivers.IoUring;

/// <summary>io_uring drivers under conditions that force its hazards.</summary>
internal static class IoUringWorlds
{
    public const string TinyQueues = "tiny queues";
    public const string TinyBuffers = "tiny buffers";
    public const string OneBuffer = "one buffer";
    public const string Interrupted = "interrupted enters";
    public const string Busy = "busy enters";

    public static readonly string[] Names = [TinyQueues, TinyBuffers, OneBuffer, Interrupted, Busy];

    private const DriverCapabilities All =
        DriverCapabilities.Readiness | DriverCapabilities.SharedListen | DriverCapabilities.HandOver |
        DriverCapabilities.RealWorld | DriverCapabilities.CountsSystemCalls | DriverCapabilities.IdleWithoutBuffer | DriverCapabilities.AdoptListener |
        DriverCapabilities.SendFile;

    /// <summary>Skips the test where the kernel refuses io_uring.</summary>
    public static void Require()
    {
        Assert.SkipWhen(PInvokeGuard.IsOn, "driver: io_uring lives on P/Invoke, which is forbidden in this run.");
        using IoUringDriver? probe = IoUringDriver.TryCreate(IoUringOptions.Probe, out string reason);
        Assert.SkipWhen(probe is null, $"driver: io_uring can't be used here: {reason}.");
    }

    public static DriverUnderTest Open(string name) => name switch
    {
        // More operations than fit in either queue: submission goes by way of the backlog, completions overflow.
        TinyQueues => Under(new IoUringOptions { SubmissionEntries = 2, CompletionEntries = 4 }),

        // Every receive runs dry at once, so each multishot is ended and armed again all the time.
        TinyBuffers => Under(new IoUringOptions { BufferCount = 2, BufferBytes = 64 }),
        OneBuffer => Under(new IoUringOptions { SubmissionEntries = 4, CompletionEntries = 8, BufferCount = 1, BufferBytes = 512 }),
        Interrupted => Under(new IoUringOptions(), EveryThird(Errno.EINTR)),
        Busy => Under(new IoUringOptions { SubmissionEntries = 4, CompletionEntries = 8 }, EveryThird(Errno.EBUSY, Errno.EAGAIN)),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such world."),
    };

    private static DriverUnderTest Under(IoUringOptions options, Func<string, int>? fault = null) =>
        new("io_uring", All, () => () =>
        {
            IoUringDriver driver = IoUringDriver.Create(options);
            SystemCallFault.Inject(fault);
            return driver;
        });

    private static Func<string, int> EveryThird(params int[] errors)
    {
        int calls = 0;
        return call => call == "io_uring_enter" && ++calls % 3 == 0 ? errors[calls / 3 % errors.Length] : 0;
    }
}
