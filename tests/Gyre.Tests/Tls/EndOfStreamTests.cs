using System.IO.Pipelines;
using System.Security.Authentication;
using Gyre.Net;
using Gyre.Tls;

namespace Gyre.Tests;

/// <summary>An end that the peer has said (close_notify), and one that it hasn't.</summary>
public sealed class EndOfStreamTests
{
    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public void Half_close_each_way(SslProtocols version) => OnLoop.Run(async () =>
    {
        await using TlsPair pair = await ConnectAsync(version);
        await HandshakeTests.SendAsync(pair.Client, "request");
        await pair.Client.ShutdownAsync();
        Assert.Equal("request", await Bytes.ReadTextToEndAsync(pair.Server.Input));
        await HandshakeTests.SendAsync(pair.Server, "answer");
        await pair.Server.Output.CompleteAsync();
        Assert.Equal("answer", await Bytes.ReadTextToEndAsync(pair.Client.Input));
    });

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public void Disposing_says_so(SslProtocols version) => OnLoop.Run(async () =>
    {
        await using TlsPair pair = await ConnectAsync(version);
        await HandshakeTests.SendAsync(pair.Server, "bye");
        await pair.Server.DisposeAsync();
        Assert.Equal("bye", await Bytes.ReadTextToEndAsync(pair.Client.Input));
    });

    [Fact]
    public void Disposing_while_the_peer_does_not_read_sends_the_rest_and_says_so() => OnLoop.Run(static async () =>
    {
        const int total = 8_000_000;
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<Exception?> writing = group.Spawn(
                async () => await Record.ExceptionAsync(async () => await pair.Server.AsStream().WriteAsync(new byte[total])));
            await OnLoop.UntilAsync(() => pair.Server.Output.UnflushedBytes == 0);
            await OnLoop.TurnsAsync(100);
            await pair.Server.DisposeAsync();
            Assert.Equal(total, await Bytes.CountToEndAsync(pair.Client.Input));
            Assert.IsAssignableFrom<IOException>(await writing);
        });
    });

    [Fact]
    public void Disposing_while_the_peer_never_reads_is_bounded() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        pair.Server.Tcp.LingerTimeout = TimeSpan.FromMilliseconds(5);
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<Exception?> writing = group.Spawn(
                async () => await Record.ExceptionAsync(async () => await pair.Server.AsStream().WriteAsync(new byte[8_000_000])));
            await OnLoop.TurnsAsync(100);
            bool gone = false;
            pair.Server.Tcp.CallWhenClosed(_ => gone = true, null);
            await pair.Server.DisposeAsync();
            await OnLoop.UntilAsync(() => gone);
            await writing;
        });
        Assert.IsAssignableFrom<IOException>(await Record.ExceptionAsync(() => Bytes.CountToEndAsync(pair.Client.Input)));
    });

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public void The_end_of_TCP_alone_is_a_truncation_behind_what_came(SslProtocols version) => OnLoop.Run(async () =>
    {
        await using TlsPair pair = await ConnectAsync(version);
        await HandshakeTests.SendAsync(pair.Server, "half an ans");
        await pair.Below.Server.Output.CompleteAsync();
        Assert.Equal("half an ans", await HandshakeTests.ReadAsync(pair.Client, 11));
        for (int i = 0; i < 2; i++)
        {
            IOException error = await Assert.ThrowsAsync<IOException>(async () => await pair.Client.Input.ReadAsync());
            Assert.Contains("without close_notify; what it sent may be cut short", error.Message, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<IOException>(async () => await pair.Client.AsStream().ReadExactlyAsync(new byte[1]));
    });

    [Fact]
    public void A_waiting_read_is_told_of_the_truncation_too() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<Exception?> reading = group.Spawn(
                async () => await Record.ExceptionAsync(async () => await pair.Client.AsStream().ReadExactlyAsync(new byte[1])));
            await OnLoop.TurnsAsync(5);
            await pair.Below.Server.Output.CompleteAsync();
            Assert.Contains("close_notify", (await reading)!.Message, StringComparison.Ordinal);
        });
    });

    [Fact]
    public void The_end_within_a_record_is_a_truncation() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await pair.Below.Server.Output.WriteAsync(new byte[] { 0x17, 3, 3, 0, 100, 1, 2, 3 });
        await pair.Below.Server.Output.CompleteAsync();
        IOException error = await Assert.ThrowsAsync<IOException>(async () => await pair.Client.Input.ReadAsync());
        Assert.Contains("close_notify", error.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void Close_notify_and_the_end_of_TCP_at_once_are_an_end() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await HandshakeTests.SendAsync(pair.Server, "all of it");
        await pair.Server.ShutdownAsync();

        // Everything has arrived before anybody reads.
        await OnLoop.TurnsAsync(50);
        Assert.Equal("all of it", await Bytes.ReadTextToEndAsync(pair.Client.Input));
        Assert.Equal(0, await pair.Client.AsStream().ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false));
    });

    [Fact]
    public void A_forged_record_breaks_the_connection() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await pair.Below.Server.Output.WriteAsync((byte[])[0x17, 3, 3, 0, 32, .. new byte[32]]);
        IOException error = await Assert.ThrowsAsync<IOException>(async () => await pair.Client.Input.ReadAsync());
        Assert.Contains("broke while reading", error.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_reset_is_what_it_is() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        pair.Server.Abort();
        IOException error = await Assert.ThrowsAsync<IOException>(async () => await pair.Client.Input.ReadAsync());
        Assert.Contains("ConnectionReset", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(async () => await pair.Server.Input.ReadAsync());
    });

    [Fact]
    public void Completing_the_output_with_a_failure_aborts() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await pair.Server.Output.CompleteAsync(new InvalidOperationException("no more"));
        Assert.IsAssignableFrom<IOException>(await Record.ExceptionAsync(() => Bytes.ReadTextToEndAsync(pair.Client.Input)));
    });

    [Fact]
    public void Whoever_waits_on_a_connection_that_is_aborted_here_is_told() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<Exception?> reading = group.Spawn(
                async () => await Record.ExceptionAsync(async () => await pair.Client.Input.ReadAsync()));
            await OnLoop.TurnsAsync(5);
            pair.Client.Abort();
            Assert.Contains("aborted on this side", (await reading)!.Message, StringComparison.Ordinal);
        });
        FlushResult flushed = await pair.Client.Output.WriteAsync(new byte[1]);
        Assert.True(flushed.IsCompleted);
    });

    private static Task<TlsPair> ConnectAsync(SslProtocols version) =>
        TlsPair.ConnectAsync(TlsPair.Certificate.ToServerOptions() with { EnabledProtocols = version });
}
