using System.Net;
using Gyre.Samples.Ladder;

namespace Gyre.Tests.Samples;

/// <summary><c>samples/Ladder</c> as a program.</summary>
public sealed class LadderProgramTests
{
    public static TheoryData<string> Stages => [.. Stage.All.Select(stage => stage.Name)];

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task It_starts_an_upstream_of_its_own_and_serves_until_it_is_told_to_end(string stage)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "driver: Windows has no way to send a signal to one process.");
        using ChildProcess server = Start("--stage", stage, "--port", "0");
        string line = await server.ReadLineAsync() ?? "";
        Assert.Matches($@"^Stage {stage} on http://127\.0\.0\.1:\d+/, asking http://127\.0\.0\.1:\d+/\. Ctrl-C ends it\.$", line);
        var address = new Uri(line.Split(' ')[3].TrimEnd(','));
        var endPoint = new IPEndPoint(IPAddress.Loopback, address.Port);
        string answer = await LadderServer.GetAsync(endPoint, "/you").WaitAsync(OnLoop.HangBound);
        Assert.EndsWith("\r\n\r\n/you was asked for, and the upstream says: hello, /you\n", answer, StringComparison.Ordinal);
        // Some of the stages by one signal, some by the other.
        await server.SignalAsync(stage.Length % 2 == 0 ? "INT" : "TERM");
        Assert.Equal(0, await server.ExitCodeAsync());
        Assert.Equal("", await server.ReadErrorAsync());
    }

    [Fact]
    public async Task It_lists_its_stages()
    {
        using ChildProcess program = Start("--list");
        string[] lines = (await program.ReadToEndAsync()).ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        Assert.Equal(Stage.All.Select(stage => $"{stage.Name,-14}{stage.Line}"), lines);
        Assert.Equal(0, await program.ExitCodeAsync());
    }

    [Theory]
    [InlineData("--stage", "fibers", "There is no stage 'fibers'; the stages are blocking, threads, multiplexing,")]
    [InlineData("--port", "70000", "a port is from 0 to 65535")]
    [InlineData("--wait", "-1", "the wait is from 0")]
    [InlineData("--upstream", "ftp://example.org/", "'ftp://example.org/' is no upstream; name one as http://HOST:PORT/.")]
    [InlineData("--driver", "kqueue", "kqueue")]
    public async Task It_refuses_a_bad_option(string option, string value, string told)
    {
        using ChildProcess program = Start(option, value);
        Assert.Contains(told, await program.ReadErrorAsync(), StringComparison.Ordinal);
        Assert.Equal(1, await program.ExitCodeAsync());
    }

    [Theory]
    [InlineData("blocking")]
    [InlineData("async")]
    public async Task A_port_in_use_is_an_error_that_says_so(string stage)
    {
        using var upstream = new HeldUpstream();
        using ChildProcess program = Start("--stage", stage, "--port", $"{upstream.Url.Port}");
        Assert.StartsWith("ladder: ", await program.ReadErrorAsync(), StringComparison.Ordinal);
        Assert.Equal(1, await program.ExitCodeAsync());
    }

    private static ChildProcess Start(params string[] arguments) => ChildProcess.Start(arguments, driver: null, program: "Ladder.dll");
}
