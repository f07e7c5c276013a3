using System.Diagnostics;

namespace Gyre.Tests;

/// <summary>Gyre.ChildProgram, or a sample, as a process of its own, whose lines are read one by one.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    public static ChildProcess Start(string mode, string? driver = null) => Start([mode], driver);

    /// <param name="arguments">What it is to do.</param>
    /// <param name="driver">The driver that is forced; null leaves that to the environment.</param>
    /// <param name="descriptorsMax">The limit of its descriptors; null for that of the tests.</param>
    /// <param name="program">The assembly beside that of the tests that is run.</param>
    public static ChildProcess Start(string[] arguments, string? driver, int? descriptorsMax = null, string program = "Gyre.ChildProgram.dll")
    {
        string[] command = ["dotnet", Path.Combine(AppContext.BaseDirectory, program), .. arguments];
        if (descriptorsMax is { } most)
        {
            command = ["sh", "-c", $"ulimit -n {most}; exec \"$@\"", "sh", .. command];
        }

        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (driver is not null)
        {
            start.Environment["GYRE_DRIVER"] = driver;
        }

        return new ChildProcess(Process.Start(start)!);
    }

    public async Task ExpectAsync(string line) =>
        Assert.Equal(line, await ReadLineAsync());

    public async Task<string?> ReadLineAsync() => await _process.StandardOutput.ReadLineAsync().WaitAsync(OnLoop.HangBound);

    public async Task<string> ReadToEndAsync() => await _process.StandardOutput.ReadToEndAsync().WaitAsync(OnLoop.HangBound);

    public async Task<string> ReadErrorAsync() => await _process.StandardError.ReadToEndAsync().WaitAsync(OnLoop.HangBound);

    public async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync().WaitAsync(OnLoop.HangBound);
        Assert.Equal(0, kill.ExitCode);
    }

    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(OnLoop.HangBound);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
