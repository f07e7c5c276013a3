using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using Gyre.Net;
using Gyre.Tls;

namespace Gyre.Tests;

public sealed class HandshakeTests
{
    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public void Each_version(SslProtocols version) => OnLoop.Run(async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync(TlsPair.Certificate.ToServerOptions() with { EnabledProtocols = version });
        Assert.Equal((version, version), (pair.Client.Protocol, pair.Server.Protocol));
        Assert.Equal(pair.Client.CipherSuite, pair.Server.CipherSuite);
        Assert.Equal("localhost", pair.Server.ServerName);
        Assert.Equal(TlsPair.Certificate.Certificate.Thumbprint, pair.Client.RemoteCertificate?.Thumbprint);
        Assert.Null(pair.Server.RemoteCertificate);
        await SendAsync(pair.Client, "ping");
        Assert.Equal("ping", await ReadAsync(pair.Server, 4));
        await SendAsync(pair.Server, "pong");
        Assert.Equal("pong", await ReadAsync(pair.Client, 4));
    });

    [Theory]
    [InlineData("None")]
    [InlineData("Tls11")]
    [InlineData("Tls12, Tls11")]
    public void Older_versions_are_an_error_of_the_options(string name)
    {
        SslProtocols version = Enum.Parse<SslProtocols>(name);
        ArgumentException server = Assert.Throws<ArgumentException>(() => new TlsServerOptions { EnabledProtocols = version });
        Assert.Contains("TLS 1.2 and 1.3", server.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new TlsClientOptions { TargetHost = "a", EnabledProtocols = version });
    }

    [Fact]
    public void Versions_that_have_none_in_common_fail_on_both_sides() => OnLoop.Run(async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        (Exception? client, Exception? server) = await TlsPair.FailAsync(
            below,
            TlsPair.Certificate.ToServerOptions() with { EnabledProtocols = SslProtocols.Tls13 },
            TlsPair.Certificate.ToClientOptions() with { EnabledProtocols = SslProtocols.Tls12 });
        Assert.IsType<AuthenticationException>(client);
        Assert.Contains("TLS handshake", Assert.IsType<AuthenticationException>(server).Message, StringComparison.Ordinal);
        Assert.True(below.Server.IsClosing && below.Client.IsClosing);
    });

    [Fact]
    public void Application_protocol_is_the_servers_favourite() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync(
            TlsPair.Certificate.ToServerOptions() with { ApplicationProtocols = [new("b"), new("a")] },
            TlsPair.Certificate.ToClientOptions() with { ApplicationProtocols = [new("a"), new("b")] });
        Assert.Equal(new SslApplicationProtocol("b"), pair.Client.ApplicationProtocol);
        Assert.Equal(new SslApplicationProtocol("b"), pair.Server.ApplicationProtocol);
    });

    [Fact]
    public void Application_protocols_that_have_none_in_common_fail() => OnLoop.Run(static async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        (Exception? client, Exception? server) = await TlsPair.FailAsync(
            below,
            TlsPair.Certificate.ToServerOptions() with { ApplicationProtocols = [new("b")] },
            TlsPair.Certificate.ToClientOptions() with { ApplicationProtocols = [new("a")] });
        Assert.NotNull(client);
        Assert.IsType<AuthenticationException>(server);
    });

    [Theory]
    [InlineData("exact.example.test", "exact")]
    [InlineData("EXACT.example.TEST", "exact")]
    [InlineData("any.example.test", "wild")]
    [InlineData("two.labels.example.test", "default")]
    [InlineData("example.test", "default")]
    [InlineData("called.back", "callback")]
    public void The_certificate_is_the_one_for_the_host(string host, string expected) => OnLoop.Run(async () =>
    {
        var certificates = new Dictionary<string, DevelopmentCertificate>();
        foreach (string name in (string[])["exact", "wild", "default", "callback"])
        {
            certificates[name] = DevelopmentCertificate.Create(host);
        }

        var options = new TlsServerOptions
        {
            Certificate = certificates["default"],
            Certificates = new Dictionary<string, TlsCertificateSource>
            {
                ["exact.example.test"] = certificates["exact"],
                ["*.example.test"] = certificates["wild"],
            },
            SelectCertificate = name => name == "called.back" ? certificates["callback"] : null,
        };
        await using TlsPair pair = await TlsPair.ConnectAsync(options, certificates[expected].ToClientOptions(host));
        Assert.Equal(certificates[expected].Certificate.Thumbprint, pair.Client.RemoteCertificate?.Thumbprint);
        Assert.Equal(host, pair.Server.ServerName, ignoreCase: true);
    });

    [Fact]
    public void A_host_without_a_certificate_is_refused_by_name() => OnLoop.Run(static async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        var options = new TlsServerOptions
        {
            Certificates = new Dictionary<string, TlsCertificateSource> { ["example.test"] = TlsPair.Certificate },
        };
        (Exception? client, Exception? server) = await TlsPair.FailAsync(below, options, TlsPair.Certificate.ToClientOptions());
        Assert.NotNull(client);
        Assert.Contains("'localhost'", Assert.IsType<AuthenticationException>(server).Message, StringComparison.Ordinal);
        Assert.True(below.Server.IsClosing);
    });

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("a.*.b")]
    [InlineData("*.*.b")]
    [InlineData("example.org.")]
    [InlineData("exämple.org")]
    [InlineData("127.0.0.1")]
    public void Names_that_no_client_can_ask_for_are_an_error_of_the_options(string name)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new TlsServerOptions
        {
            Certificates = new Dictionary<string, TlsCertificateSource> { [name] = TlsPair.Certificate },
        });
        Assert.Contains("*.example.org", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_without_a_certificate_leave_the_connection_alone() => OnLoop.Run(static async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(
            async () => await TlsConnection.AuthenticateAsServerAsync(below.Server, new TlsServerOptions()));
        Assert.Contains("DevelopmentCertificate", error.Message, StringComparison.Ordinal);
        Assert.False(below.Server.IsClosing);
    });

    [Fact]
    public void An_untrusted_server_is_refused() => OnLoop.Run(static async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        (Exception? client, Exception? server) = await TlsPair.FailAsync(
            below, TlsPair.Certificate.ToServerOptions(), DevelopmentCertificate.Create().ToClientOptions());
        Assert.IsType<AuthenticationException>(client);
        Assert.True(below.Client.IsClosing);
        _ = server;
    });

    [Fact]
    public void A_server_with_another_name_is_refused() => OnLoop.Run(static async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        (Exception? client, _) = await TlsPair.FailAsync(
            below, TlsPair.Certificate.ToServerOptions(), TlsPair.Certificate.ToClientOptions("other.test"));
        Assert.IsType<AuthenticationException>(client);
    });

    [Fact]
    public void Plain_text_is_named_answered_and_closed() => OnLoop.Run(static async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        await below.Client.Output.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        NotTlsException error = await Assert.ThrowsAsync<NotTlsException>(async () => await TlsConnection.AuthenticateAsServerAsync(
            below.Server,
            TlsPair.Certificate.ToServerOptions() with
            {
                PlaintextAnswer = static first => first.Span.StartsWith("GET "u8) ? "HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray() : default,
            }));
        Assert.StartsWith("GET / HTTP/1.1", Encoding.ASCII.GetString(error.FirstBytes.Span), StringComparison.Ordinal);
        Assert.Contains("GET / HTTP/1.1", error.Message, StringComparison.Ordinal);
        Assert.True(below.Server.IsClosing);
        Assert.Equal("HTTP/1.1 400 Bad Request\r\n\r\n", await Bytes.ReadTextToEndAsync(below.Client.Input));
    });

    [Fact]
    public void Plain_text_without_an_answer_is_closed() => OnLoop.Run(static async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        await below.Client.Output.WriteAsync("\0\x01\"EHLO"u8.ToArray());
        NotTlsException error = await Assert.ThrowsAsync<NotTlsException>(
            async () => await TlsConnection.AuthenticateAsServerAsync(below.Server, TlsPair.Certificate.ToServerOptions()));
        Assert.Contains("\\x00\\x01\\x22EHLO", error.Message, StringComparison.Ordinal);
        Assert.Equal("", await Bytes.ReadTextToEndAsync(below.Client.Input));
    });

    [Fact]
    public void Plain_text_behind_the_first_byte_of_a_handshake_fails() => OnLoop.Run(static async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        await below.Client.Output.WriteAsync("\x16GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        await Assert.ThrowsAsync<AuthenticationException>(
            async () => await TlsConnection.AuthenticateAsServerAsync(below.Server, TlsPair.Certificate.ToServerOptions()));
        Assert.True(below.Server.IsClosing);
    });

    [Fact]
    public void Silence_ends_at_the_time_out() => OnLoop.Run(static async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        TimeoutException error = await Assert.ThrowsAsync<TimeoutException>(async () => await TlsConnection.AuthenticateAsServerAsync(
            below.Server, TlsPair.Certificate.ToServerOptions() with { HandshakeTimeout = TimeSpan.FromMilliseconds(2) }));
        Assert.Contains("handshake", error.Message, StringComparison.Ordinal);
        Assert.True(below.Server.IsClosing);
        Assert.IsAssignableFrom<IOException>(await Record.ExceptionAsync(async () => await below.Client.Input.ReadAsync()));
    });

    [Fact]
    public void Silence_of_a_server_ends_at_the_time_out() => OnLoop.Run(static async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        await Assert.ThrowsAsync<TimeoutException>(async () => await TlsConnection.AuthenticateAsClientAsync(
            below.Client, TlsPair.Certificate.ToClientOptions() with { HandshakeTimeout = TimeSpan.FromMilliseconds(2) }));
        Assert.True(below.Client.IsClosing);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(200)]
    public void A_peer_that_leaves_meanwhile_is_an_IOException(int bytes) => OnLoop.Run(async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        byte[] start = [0x16, 3, 1, 1, 200, .. new byte[400]];
        await below.Client.Output.WriteAsync(start.AsMemory(0, bytes));
        await below.Client.Output.CompleteAsync();
        IOException error = await Assert.ThrowsAsync<IOException>(
            async () => await TlsConnection.AuthenticateAsServerAsync(below.Server, TlsPair.Certificate.ToServerOptions()));
        Assert.Contains("ended the connection", error.Message, StringComparison.Ordinal);
        Assert.True(below.Server.IsClosing);
    });

    [Fact]
    public void A_handshake_byte_by_byte() => OnLoop.Run(static async () =>
    {
        await using Pair outer = await Pair.ConnectAsync();
        await using Pair inner = await Pair.ConnectAsync();
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(() => TrickleAsync(outer.Server, inner.Client));
            group.Spawn(() => TrickleAsync(inner.Client, outer.Server));
            Coroutine<TlsConnection> serving = group.Spawn(
                async () => await TlsConnection.AuthenticateAsServerAsync(inner.Server, TlsPair.Certificate.ToServerOptions()));
            await using TlsConnection client = await TlsConnection.AuthenticateAsClientAsync(outer.Client, TlsPair.Certificate.ToClientOptions());
            await using TlsConnection server = await serving;
            await SendAsync(client, "ping");
            Assert.Equal("ping", await ReadAsync(server, 4));
            await SendAsync(server, "pong");
            Assert.Equal("pong", await ReadAsync(client, 4));
            group.Cancel();
        });
    });

    [Fact]
    public void Cancelled_after_any_number_of_turns_a_handshake_leaves_no_connection() => OnLoop.Run(static async () =>
    {
        int cutShort = 0;
        for (int turns = 0; turns < 2000; turns++, cutShort++)
        {
            await using Pair below = await Pair.ConnectAsync();
            CancelScope scope = await CancelScope.RunAsync(scope => TaskGroup.RunAsync(group =>
            {
                EventLoop.Current.Spawn(async () =>
                {
                    await OnLoop.TurnsAsync(turns);
                    scope.Cancel();
                });
                group.Spawn(async () =>
                {
                    await using TlsConnection tls = await TlsConnection.AuthenticateAsServerAsync(
                        below.Server, TlsPair.Certificate.ToServerOptions());
                });
                group.Spawn(async () =>
                {
                    await using TlsConnection tls = await TlsConnection.AuthenticateAsClientAsync(
                        below.Client, TlsPair.Certificate.ToClientOptions());
                });
                return Task.CompletedTask;
            }));
            Assert.True(below.Server.IsClosing && below.Client.IsClosing);
            if (!scope.CancelledCaught)
            {
                break;
            }
        }

        Assert.InRange(cutShort, 3, 1999);
    });

    [Fact]
    public void A_connection_that_is_aborted_meanwhile_fails_the_handshake() => OnLoop.Run(static async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<Exception?> serving = group.Spawn(async () => await Record.ExceptionAsync(
                async () => await TlsConnection.AuthenticateAsServerAsync(below.Server, TlsPair.Certificate.ToServerOptions())));
            await below.Client.Output.WriteAsync(new byte[] { 0x16, 3, 1 });
            await OnLoop.TurnsAsync(20);
            below.Server.Abort();
            Assert.IsAssignableFrom<IOException>(await serving);
        });
    });

    [Fact]
    public void On_the_loop_nothing_leaves_it() => OnLoop.Run(static async () =>
    {
        int thread = Environment.CurrentManagedThreadId;
        var options = new TlsServerOptions
        {
            SelectCertificate = _ =>
            {
                Assert.Equal(thread, Environment.CurrentManagedThreadId);
                return TlsPair.Certificate;
            },
        };
        await using TlsPair pair = await TlsPair.ConnectAsync(options);
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            await SendAsync(pair.Client, "ping");
            Assert.Equal("ping", await ReadAsync(pair.Server, 4));
        }
    });

    private static async Task TrickleAsync(TcpConnection from, TcpConnection to)
    {
        while (await ReadOneAsync(from) is { } value)
        {
            await to.Output.WriteAsync(new[] { value });

            // The turn ends and the byte goes out alone.
            await Coroutine.YieldAsync();
        }
    }

    private static async Task<byte?> ReadOneAsync(TcpConnection from)
    {
        ReadResult result = await from.Input.ReadAsync();
        if (result.Buffer.IsEmpty)
        {
            return null;
        }

        byte value = result.Buffer.FirstSpan[0];
        SequencePosition next = result.Buffer.GetPosition(1);
        from.Input.AdvanceTo(next, next);
        return value;
    }

    internal static async Task SendAsync(TlsConnection connection, string text) =>
        await connection.Output.WriteAsync(Encoding.ASCII.GetBytes(text));

    internal static async Task<string> ReadAsync(TlsConnection connection, int count)
    {
        ReadResult result = await connection.Input.ReadAtLeastAsync(count);
        string text = Encoding.ASCII.GetString(result.Buffer);
        connection.Input.AdvanceTo(result.Buffer.End);
        return text;
    }
}
