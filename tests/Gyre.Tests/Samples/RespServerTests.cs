using System.IO.Pipelines;
using System.Net;
using System.Text;
using Gyre.Net;
using Gyre.Samples.Resp;

namespace Gyre.Tests.Samples;

/// <summary>The server and the replay of <c>samples/Resp</c>, in this process and as a process.</summary>
public sealed class RespServerTests
{
    [Fact]
    public void Pipelined_commands_are_answered_in_their_order() => WithClient(static async client =>
    {
        await SendAsync(client, "*1\r\n$4\r\nPING\r\nSET a 1\r\nINCR a\r\nGET a\r\nGET b\r\nDEL a b\r\nECHO hi\r\nPING you\r\n");
        await ExpectAsync(client, "+PONG\r\n+OK\r\n:2\r\n$1\r\n2\r\n$-1\r\n:1\r\n$2\r\nhi\r\n$3\r\nyou\r\n");
    });

    [Fact]
    public void A_command_may_come_byte_by_byte() => WithClient(static async client =>
    {
        foreach (char one in "*2\r\n$4\r\nECHO\r\n$2\r\n\r\n\r\n")
        {
            await SendAsync(client, $"{one}");
            await Coroutine.YieldAsync();
        }

        await ExpectAsync(client, "$2\r\n\r\n\r\n");
    });

    [Fact]
    public void Mistakes_of_a_command_leave_the_connection_open() => WithClient(static async client =>
    {
        await SendAsync(client, "GET\r\nFLY \"a b\"\r\nSET a x\r\nINCR a\r\n*1\r\n:1\r\n*0\r\nSET a 9223372036854775807\r\nINCR a\r\nPING\r\n");
        await ExpectAsync(
            client,
            "-ERR wrong number of arguments for 'get' command\r\n-ERR unknown command \"FLY\"\r\n+OK\r\n" +
            "-ERR value is not an integer or out of range\r\n-ERR a command is an array of bulk strings, not [(integer) 1]\r\n" +
            "+OK\r\n-ERR increment or decrement would overflow\r\n+PONG\r\n");
    });

    [Fact]
    public void Bytes_that_are_no_command_end_the_connection_with_a_word_on_why() => WithClient(static async client =>
    {
        await SendAsync(client, "PING\r\n$x\r\n");
        await ExpectAsync(client, "+PONG\r\n-ERR Protocol error: At byte 6: the length of a bulk string is \"x\", not a number of 64 bits.\r\n");
        await ExpectEndAsync(client);
    });

    [Fact]
    public void Quit_is_answered_and_ends_the_connection() => WithClient(static async client =>
    {
        await SendAsync(client, "PING\r\nQUIT\r\nPING\r\n");
        await ExpectAsync(client, "+PONG\r\n+OK\r\n");
        await ExpectEndAsync(client);
    });

    [Fact]
    public void Clients_share_the_store_and_one_that_breaks_off_harms_nobody() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        IPEndPoint endPoint = await StartAsync(group);
        await using TcpConnection rude = await TcpConnection.ConnectAsync(endPoint);
        await using TcpConnection polite = await TcpConnection.ConnectAsync(endPoint);
        await SendAsync(rude, "SET a 1\r\n");
        await ExpectAsync(rude, "+OK\r\n");
        await SendAsync(rude, "*2\r\n$3\r\nGET");
        rude.Abort();
        await SendAsync(polite, "GET a\r\n");
        await ExpectAsync(polite, "$1\r\n1\r\n");
        group.Cancel();
    }));

    [Fact]
    public void A_client_that_takes_its_replies_late_gets_them_all() => WithClient(static async client =>
    {
        const int commands = 5_000;
        string value = new('x', 10_000);
        await SendAsync(client, $"SET a {value}\r\n");
        await ExpectAsync(client, "+OK\r\n");
        await SendAsync(client, string.Concat(Enumerable.Repeat("GET a\r\n", commands)));
        string reply = $"$10000\r\n{value}\r\n";
        for (int i = 0; i < commands; i++)
        {
            await ExpectAsync(client, reply);
        }
    });

    [Fact]
    public void A_file_is_replayed_without_a_loop()
    {
        var replies = new List<string>();
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "commands.resp"));
        RespReplay.Run(file, reply => replies.Add($"{reply}"));
        Assert.Equal(["PONG", "OK", "\"Hello, World!\"", "(integer) 1", "(integer) 2", "(integer) 1", "(nil)", "OK"], replies);
    }

    [Fact]
    public async Task As_a_program_it_replays_a_file()
    {
        using ChildProcess good = Start("--file", Path.Combine(AppContext.BaseDirectory, "commands.resp"));
        Assert.StartsWith("PONG\nOK\n\"Hello, World!\"\n", (await good.ReadToEndAsync()).ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Equal(0, await good.ExitCodeAsync());
        string path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, "PING\n*1\r\nPING\r\n");
        using ChildProcess bad = Start("--file", path);
        Assert.Equal("PONG", await bad.ReadLineAsync());
        Assert.Equal($"resp: {path}: At byte 9: \"P\" begins no value; one begins with +, -, :, $ or *.", (await bad.ReadErrorAsync()).TrimEnd());
        Assert.Equal(1, await bad.ExitCodeAsync());
        File.Delete(path);
    }

    [Fact]
    public async Task As_a_program_it_serves_until_ctrl_c()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "driver: Windows has no way to send Ctrl-C to one process.");
        using ChildProcess server = Start("--port", "0");
        string line = await server.ReadLineAsync() ?? "";
        Assert.Matches(@"^Serving RESP on 127\.0\.0\.1:[1-9]\d* with \w+ \(.+\)\. Ctrl-C ends it\.$", line);
        var endPoint = IPEndPoint.Parse(line.Split(' ')[3]);
        OnLoop.Run(async () =>
        {
            await using TcpConnection client = await TcpConnection.ConnectAsync(endPoint);
            await SendAsync(client, "PING\r\n");
            await ExpectAsync(client, "+PONG\r\n");
        });
        await server.SignalAsync("INT");
        Assert.Equal(0, await server.ExitCodeAsync());
        Assert.Equal("", await server.ReadErrorAsync());
    }

    [Theory]
    [InlineData("--port", "70000", "a port is from 0 to 65535")]
    [InlineData("--port", "seven", "seven")]
    [InlineData("--file", "no-such-file.resp", "no-such-file.resp")]
    public async Task As_a_program_it_refuses_a_bad_option(string option, string value, string told)
    {
        using ChildProcess program = Start(option, value);
        Assert.Contains(told, await program.ReadErrorAsync(), StringComparison.Ordinal);
        Assert.Equal(1, await program.ExitCodeAsync());
    }

    private static ChildProcess Start(params string[] arguments) => ChildProcess.Start(arguments, driver: null, program: "Resp.dll");

    /// <summary>Starts a server in the group, and waits until it is ready.</summary>
    private static async Task<IPEndPoint> StartAsync(TaskGroup group)
    {
        var ready = new Future<IPEndPoint>("the server is ready");
        group.Spawn(() => RespServer.ServeAsync(new IPEndPoint(IPAddress.Loopback, 0), ready.SetResult), "server");
        return await ready;
    }

    private static void WithClient(Func<TcpConnection, Task> body) => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        IPEndPoint endPoint = await StartAsync(group);
        await using (TcpConnection client = await TcpConnection.ConnectAsync(endPoint))
        {
            await body(client);
        }

        group.Cancel();
    }));

    private static async Task SendAsync(TcpConnection client, string text) => await client.Output.WriteAsync(Encoding.Latin1.GetBytes(text));

    private static async Task ExpectAsync(TcpConnection client, string text)
    {
        ReadResult read = await client.Input.ReadAtLeastAsync(text.Length);
        Assert.True(read.Buffer.Length >= text.Length, $"The connection ended after {Encoding.Latin1.GetString(read.Buffer)}");
        Assert.Equal(text, Encoding.Latin1.GetString(read.Buffer.Slice(0, text.Length)));
        client.Input.AdvanceTo(read.Buffer.GetPosition(text.Length));
    }

    private static async Task ExpectEndAsync(TcpConnection client)
    {
        ReadResult read = await client.Input.ReadAsync();
        Assert.True(read.IsCompleted && read.Buffer.IsEmpty);
    }
}
