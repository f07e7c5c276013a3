using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.DataProtection;

namespace Gyre.Http.Tests.Server;

/// <summary>Options that would fail later, or never take effect, are refused where they are set, by their names.</summary>
public sealed class OptionRulesTests
{
    private static readonly AntiforgeryOptions s_antiforgery = new() { Provider = new EphemeralDataProtectionProvider() };

    public static TheoryData<string, Action> Nulls => new()
    {
        { "Name", static () => _ = new HealthCheck(null!, static () => new ValueTask<bool>(true)) },
        { "IsHealthyAsync", static () => _ = new HealthCheck("a", null!) },
        { "Name", static () => _ = new HealthCheck("a", static () => new ValueTask<bool>(true)) with { Name = null! } },
        { "Provider", static () => _ = new AntiforgeryOptions { Provider = null! } },
        { "CookieName", static () => _ = s_antiforgery with { CookieName = null! } },
        { "HeaderName", static () => _ = s_antiforgery with { HeaderName = null! } },
        { "TrustedOrigins", static () => _ = s_antiforgery with { TrustedOrigins = null! } },
        { "FurtherTypes", static () => _ = new CompressionOptions { FurtherTypes = null! } },
        { "Sink", static () => _ = new AccessLogOptions { Sink = null! } },
        { "TrustedProxies", static () => _ = new ForwardedHeadersOptions { TrustedProxies = null! } },
        { "HeaderName", static () => _ = new RequestIdOptions { HeaderName = null! } },
        { "TrustedNetworks", static () => _ = new RequestIdOptions { TrustedNetworks = null! } },
        { "ProxyProtocolFrom", static () => _ = new HttpEndpoint(new IPEndPoint(IPAddress.Loopback, 0)) { ProxyProtocolFrom = null! } },
        { "Logger", static () => _ = new HttpServerOptions { Logger = null! } },
    };

    [Theory]
    [MemberData(nameof(Nulls))]
    public void Null_is_refused_by_the_options_name(string option, Action set) => Assert.Throws<ArgumentNullException>(option, set);

    [Fact]
    public void An_undefined_value_is_refused_with_those_that_there_are()
    {
        Refuses("Format can't be 7; use one of Common, Combined, Json.", "Format", static () => new AccessLogOptions { Format = (AccessLogFormat)7 });
        Refuses("Source can't be -1;", "Source", static () => new ForwardedHeadersOptions { Source = (ForwardedSource)(-1) });
        Refuses("GzipLevel can't be 9;", "GzipLevel", static () => new CompressionOptions { GzipLevel = (CompressionLevel)9 });
        Assert.Throws<ArgumentOutOfRangeException>("BrotliQuality", static () => new CompressionOptions { BrotliQuality = 12 });
        Assert.Throws<ArgumentOutOfRangeException>("BrotliWindowBits", static () => new CompressionOptions { BrotliWindowBits = 23 });
        _ = new CompressionOptions { GzipLevel = CompressionLevel.SmallestSize, BrotliQuality = 11 };
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a;b")]
    [InlineData("ä")]
    [InlineData("a\r\n")]
    public void Names_of_antiforgery_are_tokens(string name)
    {
        Refuses($"CookieName can't be '{name}', which is no token", "CookieName", () => s_antiforgery with { CookieName = name });
        Refuses($"HeaderName can't be '{name}', which is no token", "HeaderName", () => s_antiforgery with { HeaderName = name });
    }

    [Theory]
    [InlineData("example.org")]
    [InlineData("//example.org")]
    [InlineData("://example.org")]
    [InlineData("https://")]
    [InlineData("https://example.org/")]
    [InlineData("https://example.org/a")]
    [InlineData("https://u@example.org")]
    [InlineData("https://example.org:")]
    [InlineData("https://example.org:65536")]
    [InlineData("https://*.example.org")]
    [InlineData("https://a b")]
    [InlineData("1s://a")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_no_origin_would_never_be_met(string? origin) => Refuses(
        $"TrustedOrigins can't hold {(origin is null ? "null" : $"'{origin}'")}, which is no origin: write scheme://host",
        "TrustedOrigins",
        () => s_antiforgery with { TrustedOrigins = ["https://a", origin!] });

    [Theory]
    [InlineData("http://localhost:8080")]
    [InlineData("https://[::1]:443")]
    [InlineData("HTTPS://Example.org")]
    [InlineData("moz-extension://a0b1")]
    public void Origins_are_taken(string origin) => Assert.Equal([origin], (s_antiforgery with { TrustedOrigins = [origin] }).TrustedOrigins);

    [Theory]
    [InlineData("svg")]
    [InlineData(".svg")]
    [InlineData("image/")]
    [InlineData("/svg")]
    [InlineData("image/svg/xml")]
    [InlineData("text/plain; charset=utf-8")]
    [InlineData("text/*")]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_no_content_type_would_never_be_met(string? type) => Refuses(
        $"FurtherTypes can't hold {(type is null ? "null" : $"'{type}'")}, which is no content type: write type/subtype",
        "FurtherTypes",
        () => new CompressionOptions { FurtherTypes = ["image/svg+xml", type!] });

    [Fact]
    public void A_check_that_is_null_is_refused_with_its_place()
    {
        HealthCheck good = new("a", static () => new ValueTask<bool>(true));
        Refuses("index 1 is null", "checks", () => new HttpServer().MapHealth("/h", good, null!));
        Refuses("index 0 is null", "checks", () => new HttpServer().MapReady("/h", [null!]));
    }

    private static void Refuses(string message, string option, Func<object> set)
    {
        ArgumentException refusal = Assert.ThrowsAny<ArgumentException>(set);
        Assert.Equal(option, refusal.ParamName);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }
}
