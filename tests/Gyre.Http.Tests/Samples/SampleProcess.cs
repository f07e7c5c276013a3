using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.Samples;

/// <summary>A sample that runs as a process, as a user would run it.</summary>
internal sealed partial class SampleProcess : IDisposable
{
    private readonly Process _process;

    private SampleProcess(Process process) => _process = process;

    /// <summary>Starts <c>samples/<paramref name="sample"/></c>, which was built with the tests.</summary>
    public static SampleProcess Start(string sample, params string[] arguments) => Start(null, sample, arguments);

    /// <summary>As the other one, with a limit of descriptors.</summary>
    public static SampleProcess Start(int? descriptorsMax, string sample, params string[] arguments)
    {
        // tests/<project>/bin/<configuration>/<framework>/ and samples/<sample>/bin/<configuration>/<framework>/ are built alike.
        string here = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        string framework = Path.GetFileName(here);
        string configuration = Path.GetFileName(Path.GetDirectoryName(here)!);
        string root = Path.GetFullPath(Path.Combine(here, "..", "..", "..", "..", ".."));
        string assembly = Path.Combine(root, "samples", sample, "bin", configuration, framework, $"{sample}.dll");
        Assert.True(File.Exists(assembly), $"The sample {sample} wasn't built with the tests.");
        var start = new ProcessStartInfo(descriptorsMax is null ? "dotnet" : "sh")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (descriptorsMax is { } most)
        {
            foreach (string word in (ReadOnlySpan<string>)["-c", $"ulimit -n {most}; exec \"$@\"", "sh", "dotnet"])
            {
                start.ArgumentList.Add(word);
            }
        }

        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(assembly);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return new SampleProcess(Process.Start(start)!);
    }

    /// <summary>The next line on standard output.</summary>
    public async Task<string> ReadLineAsync() =>
        await _process.StandardOutput.ReadLineAsync().OrFail() ?? $"(nothing, but on standard error: {await ReadErrorAsync()})";

    public Task<string> ReadOutputAsync() => _process.StandardOutput.ReadToEndAsync().OrFail();

    public Task<string> ReadErrorAsync() => _process.StandardError.ReadToEndAsync().OrFail();

    /// <summary>The next character on standard output, or -1.</summary>
    public async Task<int> ReadCharacterAsync()
    {
        char[] one = new char[1];
        return await _process.StandardOutput.ReadAsync(one.AsMemory()).OrFail() == 1 ? one[0] : -1;
    }

    public async Task WriteAsync(string text)
    {
        await _process.StandardInput.WriteAsync(text).OrFail();
        await _process.StandardInput.FlushAsync().OrFail();
    }

    /// <summary>Writes and ends standard input.</summary>
    public async Task WriteInputAsync(string text)
    {
        await WriteAsync(text);
        _process.StandardInput.Close();
    }

    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync().OrFail();
        return _process.ExitCode;
    }

    /// <summary>Presses Ctrl-C, so to speak.</summary>
    public void Interrupt()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no way to send Ctrl-C to one process.");
        using var kill = Process.Start("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>The address that a line tells.</summary>
    public static IPEndPoint AddressIn(string line)
    {
        Match address = Address().Match(line);
        Assert.True(address.Success, $"No address in: {line}");
        return IPEndPoint.Parse(address.Value);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    [GeneratedRegex(@"127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}
