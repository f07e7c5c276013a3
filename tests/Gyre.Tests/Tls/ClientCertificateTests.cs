using System.Net.Security;
using System.Security.Authentication;
using Gyre.Tls;

namespace Gyre.Tests;

public sealed class ClientCertificateTests
{
    private static readonly TestAuthority s_trusted = new("trusted");
    private static readonly TlsCertificate s_certificate = s_trusted.Issue("alice");
    private static readonly TlsCertificate s_untrusted = new TestAuthority("untrusted").Issue("eve");

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public void A_trusted_one_is_accepted(SslProtocols version) => OnLoop.Run(async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync(
            Server(ClientCertificateMode.Required) with { EnabledProtocols = version }, Client(s_certificate));
        Assert.Equal("CN=alice", pair.Server.RemoteCertificate?.Subject);
    });

    [Fact]
    public void Optional_serves_a_client_without_one() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync(Server(ClientCertificateMode.Optional), Client(null));
        Assert.Null(pair.Server.RemoteCertificate);
    });

    [Fact]
    public void Not_asked_for_none_is_shown() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync(TlsPair.Certificate.ToServerOptions(), Client(s_certificate));
        Assert.Null(pair.Server.RemoteCertificate);
    });

    [Theory]
    [InlineData(SslProtocols.Tls12, false)]
    [InlineData(SslProtocols.Tls13, false)]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls13, true)]
    public void None_or_an_untrusted_one_is_refused_on_both_sides(SslProtocols version, bool isShown) => OnLoop.Run(async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        (Exception? client, Exception? server) = await TlsPair.FailAsync(
            below, Server(ClientCertificateMode.Required) with { EnabledProtocols = version }, Client(isShown ? s_untrusted : null));
        Assert.IsType<AuthenticationException>(server);
        Assert.NotNull(client);
        Assert.True(below.Server.IsClosing && below.Client.IsClosing);
    });

    [Fact]
    public void Optional_refuses_an_untrusted_one() => OnLoop.Run(static async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        (_, Exception? server) = await TlsPair.FailAsync(below, Server(ClientCertificateMode.Optional), Client(s_untrusted));
        Assert.IsType<AuthenticationException>(server);
    });

    [Fact]
    public void The_callback_decides_knowing_the_faults() => OnLoop.Run(static async () =>
    {
        SslPolicyErrors seen = SslPolicyErrors.None;
        await using TlsPair pair = await TlsPair.ConnectAsync(
            Server(ClientCertificateMode.Required) with
            {
                ClientCertificateValidation = (certificate, _, errors) =>
                {
                    seen = errors;
                    return certificate.Subject == "CN=eve";
                },
            },
            Client(s_untrusted));
        Assert.Equal(SslPolicyErrors.RemoteCertificateChainErrors, seen);
        Assert.Equal("CN=eve", pair.Server.RemoteCertificate?.Subject);
    });

    [Fact]
    public void Asking_without_saying_whom_to_trust_is_an_error_of_the_options() => OnLoop.Run(static async () =>
    {
        await using Pair below = await Pair.ConnectAsync();
        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(async () => await TlsConnection.AuthenticateAsServerAsync(
            below.Server, TlsPair.Certificate.ToServerOptions() with { ClientCertificate = ClientCertificateMode.Optional }));
        Assert.Contains("TrustedClientRoots", error.Message, StringComparison.Ordinal);
    });

    private static TlsServerOptions Server(ClientCertificateMode mode) =>
        TlsPair.Certificate.ToServerOptions() with { ClientCertificate = mode, TrustedClientRoots = s_trusted.Roots };

    private static TlsClientOptions Client(TlsCertificate? certificate) => TlsPair.Certificate.ToClientOptions() with { Certificate = certificate };
}
