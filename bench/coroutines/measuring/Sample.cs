using System.Diagnostics;

/// <summary>What a mechanism cost: CPU time of the whole process, elapsed time, and bytes allocated or held.</summary>
internal readonly record struct Sample(long Operations, double CpuNanoseconds, double Nanoseconds, double Bytes)
{
    private static readonly Dictionary<Delegate, long> s_operations = [];

    /// <summary>Runs <paramref name="work"/> for about <paramref name="milliseconds"/>, in one call with as many operations as that takes.</summary>
    public static async Task<Sample> OfAsync(Func<long, Task> work, int milliseconds)
    {
        long operations = s_operations.GetValueOrDefault(work, 100);
        Sample sample = await OnceAsync(work, operations);
        while (sample.Nanoseconds < milliseconds * 0.5e6)
        {
            double wanted = milliseconds * 1e6 / Math.Max(sample.Nanoseconds, 1);
            operations = (long)(operations * Math.Clamp(wanted, 2, 20));
            sample = await OnceAsync(work, operations);
        }

        s_operations[work] = Math.Max(100, (long)(operations * milliseconds * 1e6 / sample.Nanoseconds));
        return sample;
    }

    /// <summary>Runs <paramref name="work"/> once, for mechanisms whose number of operations is part of them.</summary>
    public static async Task<Sample> OnceAsync(Func<long, Task> work, long operations)
    {
        GC.Collect();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long begun = Stopwatch.GetTimestamp();
        await work(operations);
        double elapsed = Stopwatch.GetElapsedTime(begun).TotalNanoseconds;
        cpu = Environment.CpuUsage.TotalTime - cpu;
        return new Sample(operations, cpu.TotalNanoseconds, elapsed, GC.GetTotalAllocatedBytes(precise: true) - allocated);
    }

    /// <summary>Bytes that survive a full collection.</summary>
    public static long Live()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    /// <summary>Bytes of memory that the system counts as the process's own; the collector's leftovers are out of it.</summary>
    public static long Resident()
    {
        Live();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
