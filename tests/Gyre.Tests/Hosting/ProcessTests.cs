namespace Gyre.Tests;

/// <summary>What concerns the whole process: signals, and the driver that the environment names.</summary>
public sealed class ProcessTests
{
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_cancels_main_once_and_the_run_ends_as_interrupted(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals to send to another process.");
        using var child = ChildProcess.Start("wait");
        await child.ExpectAsync("ready");
        await child.SignalAsync(signal);
        await child.ExpectAsync("cleaned up");
        await child.ExpectAsync("Interrupted");
        Assert.Equal(0, await child.ExitCodeAsync());
    }

    [Fact]
    public async Task A_second_signal_ends_the_process_at_once()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals to send to another process.");
        using var child = ChildProcess.Start("stubborn");
        await child.ExpectAsync("ready");
        await child.SignalAsync("TERM");
        await child.ExpectAsync("asked to end");

        // Not SIGINT: a shell that runs the tests in the background has its children ignore that one.
        await child.SignalAsync("TERM");

        // 128 + SIGTERM: ended by the signal, not by the program.
        Assert.Equal(143, await child.ExitCodeAsync());
    }

    [Fact]
    public async Task A_driver_that_does_not_exist_is_an_error_that_lists_those_that_do()
    {
        using var child = ChildProcess.Start("driver", "kqueue");
        string text = await child.ReadToEndAsync();
        Assert.Contains("GYRE_DRIVER is 'kqueue'", text, StringComparison.Ordinal);
        Assert.Contains("io_uring, epoll or sockets", text, StringComparison.Ordinal);
        Assert.Equal(1, await child.ExitCodeAsync());
    }

    [Fact]
    public async Task The_driver_that_the_environment_forces_is_used_and_says_why()
    {
        using var child = ChildProcess.Start("driver", "sockets");
        Assert.Equal("sockets: forced by GYRE_DRIVER", (await child.ReadToEndAsync()).Trim());
        Assert.Equal(0, await child.ExitCodeAsync());
    }
}
