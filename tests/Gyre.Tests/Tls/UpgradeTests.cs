using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Gyre.Net;
using Gyre.Tls;

namespace Gyre.Tests;

/// <summary>From plain text to TLS, as SMTP does it (RFC 3207), and what somebody in between may inject.</summary>
public sealed class UpgradeTests
{
    private static readonly byte[] s_goAhead = "220 Ready to start TLS\r\n"u8.ToArray();

    [Fact]
    public void Starttls() => OnLoop.Run(static async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        Assert.Equal("EHLO after\r\n", await ExchangeAsync(below, "STARTTLS\r\n"));
    });

    [Theory]
    [InlineData("STARTTLS\r\nMAIL FROM:<eve>\r\n")]
    [InlineData("STARTTLS\r\n\x16\x03\x01")]
    public void What_was_injected_behind_the_command_is_dropped(string sent) => OnLoop.Run(async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        Assert.Equal("EHLO after\r\n", await ExchangeAsync(below, sent));
    });

    [Fact]
    public void What_was_injected_and_comes_late_breaks_the_handshake() => OnLoop.Run(static async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        await below.Client.Output.WriteAsync("STARTTLS\r\n"u8.ToArray());
        Assert.Equal("STARTTLS\r\n", await ReadLineAsync(below.Server));
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<Exception?> serving = group.Spawn(async () => await Record.ExceptionAsync(
                async () => await TlsConnection.UpgradeAsServerAsync(below.Server, s_goAhead, TlsPair.Certificate.ToServerOptions())));
            Assert.Equal(s_goAhead, Encoding.ASCII.GetBytes(await ReadLineAsync(below.Client)));
            await below.Client.Output.WriteAsync("MAIL FROM:<eve>\r\n"u8.ToArray());
            NotTlsException error = Assert.IsType<NotTlsException>(await serving);
            Assert.Contains("MAIL FROM", error.Message, StringComparison.Ordinal);
        });
        Assert.True(below.Server.IsClosing);
    });

    [Fact]
    public void What_was_injected_behind_the_go_ahead_is_dropped() => OnLoop.Run(static async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<TlsConnection> serving = group.Spawn(async () => await TlsConnection.UpgradeAsServerAsync(
                below.Server, "220 Go\r\n250 injected\r\n"u8.ToArray(), TlsPair.Certificate.ToServerOptions()));
            Assert.Equal("220 Go\r\n", await ReadLineAsync(below.Client));
            await using TlsConnection client = await TlsConnection.UpgradeAsClientAsync(below.Client, TlsPair.Certificate.ToClientOptions());
            await using TlsConnection server = await serving;
            await HandshakeTests.SendAsync(server, "250 real");
            Assert.Equal("250 real", await HandshakeTests.ReadAsync(client, 8));
        });
    });

    [Fact]
    public void An_upgrade_in_the_middle_of_a_read_is_refused() => OnLoop.Run(static async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        await below.Client.Output.WriteAsync("STARTTLS\r\n"u8.ToArray());
        ReadResult result = await below.Server.Input.ReadAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await TlsConnection.UpgradeAsServerAsync(below.Server, s_goAhead, TlsPair.Certificate.ToServerOptions()));
        below.Server.Input.AdvanceTo(result.Buffer.End);
    });

    /// <summary>What the server reads under TLS first, when the client sends <paramref name="sent"/> at once and then goes on as it should.</summary>
    private static async Task<string> ExchangeAsync(Pair below, string sent)
    {
        string read = "";
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () =>
            {
                Assert.Equal("STARTTLS\r\n", await ReadLineAsync(below.Server));
                await using TlsConnection server = await TlsConnection.UpgradeAsServerAsync(
                    below.Server, s_goAhead, TlsPair.Certificate.ToServerOptions());
                read = await Bytes.ReadTextToEndAsync(server.Input);
            });
            await below.Client.Output.WriteAsync(Encoding.Latin1.GetBytes(sent));
            Assert.Equal(s_goAhead, Encoding.ASCII.GetBytes(await ReadLineAsync(below.Client)));
            await using TlsConnection client = await TlsConnection.UpgradeAsClientAsync(below.Client, TlsPair.Certificate.ToClientOptions());
            await HandshakeTests.SendAsync(client, "EHLO after\r\n");
        });
        return read;
    }

    private static async Task<string> ReadLineAsync(TcpConnection connection)
    {
        while (true)
        {
            ReadResult result = await connection.Input.ReadAsync();
            if (result.Buffer.PositionOf((byte)'\n') is { } end)
            {
                SequencePosition behind = result.Buffer.GetPosition(1, end);
                string line = Encoding.ASCII.GetString(result.Buffer.Slice(0, behind));
                connection.Input.AdvanceTo(behind);
                return line;
            }

            connection.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
