using System.Collections.Concurrent;
using System.Diagnostics;

namespace Gyre.Package.Tests;

/// <summary>A program that a test starts and reads line by line; disposing ends it, by its id.</summary>
internal sealed class Command : IDisposable
{
    private static readonly TimeSpan OutputTimeMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EndTimeMax = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly BlockingCollection<string> _lines = [];
    private readonly ConcurrentQueue<string> _output = [];
    private readonly CountdownEvent _openStreams = new(2);

    private Command(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it has printed so far, errors included.</summary>
    public string Output => string.Join(Environment.NewLine, _output);

    public static Command Start(string program, string folder, string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // What `dotnet test` tells its own children about its build would make another build look in the wrong places.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new Command(start);
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed, or took longer than <paramref name="limit"/>.</exception>
    public static string Run(
        string program, string folder, string[] arguments, TimeSpan limit, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var command = Start(program, folder, arguments, environment);
        var said = $"{program} {string.Join(' ', arguments)}";
        if (!command._process.WaitForExit(limit))
        {
            throw new InvalidOperationException($"'{said}' took longer than {limit}:{Environment.NewLine}{command.Output}");
        }

        // The rest of the output arrives after the end. A build server that was left behind would keep the pipe open for ever.
        command._openStreams.Wait(OutputTimeMax);
        return command._process.ExitCode == 0
            ? command.Output
            : throw new InvalidOperationException($"'{said}' ended with {command._process.ExitCode}:{Environment.NewLine}{command.Output}");
    }

    /// <summary>The first line, from now on, that <paramref name="select"/> makes something of.</summary>
    /// <exception cref="InvalidOperationException">The program ended, or <paramref name="limit"/> passed, without such a line.</exception>
    public T WaitForLine<T>(Func<string, T?> select, TimeSpan limit)
        where T : class
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < limit && _lines.TryTake(out var line, limit - waited.Elapsed))
        {
            if (select(line) is { } found)
            {
                return found;
            }
        }

        throw new InvalidOperationException(
            $"The line waited for didn't come after {waited.Elapsed} of {limit}. Printed was:{Environment.NewLine}{Output}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit(EndTimeMax);
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            if (_openStreams.Signal())
            {
                _lines.CompleteAdding();
            }

            return;
        }

        _output.Enqueue(line);
        _lines.Add(line);
    }
}
