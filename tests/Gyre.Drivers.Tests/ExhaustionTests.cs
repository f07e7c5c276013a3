using System.Diagnostics;
using Gyre.Conformance;
using Xunit;

namespace Gyre.Drivers.Tests;

/// <summary>The cases that use up the descriptors of their process: this one starts another, with a low limit, that runs them.</summary>
public sealed class ExhaustionTests
{
    /// <summary>Enough for .NET, the test runner and the thirty clients; few enough to be used up at once.</summary>
    private const int DescriptorsMax = 256;

    private const string Shell = "/bin/sh";

    private const string ChildMark = "GYRE_TESTS_FEW_DESCRIPTORS";

    private const int PoolThreads = 8;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    public static TheoryData<string> Drivers => [.. DriverTable.OfThisRun.Select(static one => one.Name)];

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (DriverUnderTest driver in DriverTable.OfThisRun)
            {
                foreach (ConformanceCase one in ConformanceKit.Cases.Where(static one => one.UsesUpDescriptors))
                {
                    pairs.Add(driver.Name, one.Name);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task Running_out_of_descriptors_neither_spins_nor_breaks(string driver)
    {
        Assert.SkipUnless(File.Exists(Shell) && !OperatingSystem.IsWindows(), "Lowering the limit of descriptors needs a POSIX shell.");
        DriverUnderTest under = DriverTable.Get(driver);
        Assert.SkipUnless(
            under.Capabilities.HasFlag(DriverCapabilities.RealWorld), $"driver: {driver} has no descriptors to run out of.");
        string dll = typeof(ExhaustionTests).Assembly.Location;
        string command = $"ulimit -n {DescriptorsMax}; exec \"$0\" exec \"$1\" -explicit only -noColor -method \"$2\"";
        var start = new ProcessStartInfo(Shell, ["-c", command, DotnetPath, dll, $"{typeof(ExhaustionTests).FullName}.{nameof(Child)}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["GYRE_DRIVER"] = driver;
        start.Environment[ChildMark] = "1";
        using var child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        Task<string> output = child.StandardOutput.ReadToEndAsync();
        using var patience = new CancellationTokenSource(s_patience);
        await using (patience.Token.Register(() => child.Kill(entireProcessTree: true)))
        {
            await child.WaitForExitAsync();
        }

        string report = $"{await output}\n{await errors}";
        Assert.True(child.ExitCode == 0, $"The child ended with {child.ExitCode} (it had {s_patience}):\n{report}");
        Assert.Contains("Failed: 0", report, StringComparison.Ordinal);
        Assert.DoesNotContain("Total: 0", report, StringComparison.Ordinal);
    }

    /// <summary>What the child runs.</summary>
    [Theory(Explicit = true)]
    [MemberData(nameof(Pairs))]
    public void Child(string driver, string conformanceCase)
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(ChildMark) is null, "Runs only in the process that the other test starts.");
        StartPoolThreads();
        ConformanceKit.Run(DriverTable.Get(driver), ConformanceKit.Cases.Single(one => one.Name == conformanceCase));
    }

    /// <summary>
    /// The sockets driver's completions come by the thread pool, and a process without descriptors can fail to start one of its threads, which ends it
    /// with OutOfMemoryException. That is the runtime's affair, so its threads are there before the descriptors are used up.
    /// </summary>
    private static void StartPoolThreads()
    {
        using var together = new Barrier(PoolThreads);
        var waiting = new Task[PoolThreads];
        for (int i = 0; i < waiting.Length; i++)
        {
            waiting[i] = Task.Factory.StartNew(
                () => together.SignalAndWait(s_patience), CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Default);
        }

        Task.WaitAll(waiting);
    }

    /// <summary>The host that runs this process's runtime: it stands three folders above the framework.</summary>
    private static string DotnetPath
    {
        get
        {
            string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
            string host = Path.GetFullPath(Path.Combine(framework, "..", "..", "..", "dotnet"));
            return File.Exists(host) ? host : "dotnet";
        }
    }
}
