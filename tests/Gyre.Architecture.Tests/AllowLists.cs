namespace Gyre.Architecture.Tests;

/// <param name="Path">A file, or a folder when it ends with a slash; from the root of the repository.</param>
/// <param name="Reason">Why the rule doesn't hold there.</param>
internal sealed record Exempt(string Path, string Reason)
{
    public bool Covers(SourceFile file) => Path.EndsWith('/') ? file.IsUnder(Path) : file.Path == Path;
}

/// <summary>
/// Every exception from a rule, with its reason. An entry that names a file which no longer needs it fails a test, so the
/// lists only hold what is true today.
/// </summary>
internal static class AllowLists
{
    /// <summary>Where the keyword <c>unsafe</c> may stand in src, samples and bench.</summary>
    public static readonly Exempt[] UnsafeCode =
    [
        new("src/Gyre/Interop/Linux/", "system calls take pointers to native structs"),
        new("src/Gyre/Drivers/IoUring/", "the rings are memory shared with the kernel"),
        new("src/Gyre/Drivers/Epoll/", "the kernel writes events and bytes through pointers"),
        new("src/Gyre/Buffers/", "slabs are pinned arrays whose addresses the kernel is given"),
    ];

    /// <summary>Files of more than 500 lines.</summary>
    public static readonly Exempt[] LongFiles = [];

    /// <summary>Files that hold a function of more than 70 lines.</summary>
    public static readonly Exempt[] LongFunctions = [];

    /// <summary>Files that hold a function nested more than three levels deep.</summary>
    public static readonly Exempt[] DeepFunctions = [];

    /// <summary>Test files that may call <c>Thread.Sleep</c> or <c>Task.Delay</c>.</summary>
    public static readonly Exempt[] SleepingTests =
    [
        new("tests/Gyre.Simulation.Tests/VirtualTimeTests.cs", "the BCL's delay on virtual time is what is tested"),
        new("tests/Gyre.Tests/Loop/BlockingWaitTests.cs", "the BCL's delay on the loop's clock, waited for by blocking, is what is tested"),
        new("tests/Gyre.Tests/Loop/BlockingWaitPassTests.cs", "what ends a blocking wait late, from another thread, is what is tested"),
        new("tests/Gyre.Tests/Loop/ForeignAwaitTests.cs", "the BCL's delay is the foreign task under test"),
        new("tests/Gyre.Tests/Loop/LoopClockTests.cs", "the BCL's delay on the loop's clock is what is tested"),
    ];
}
