using System.Net;
using CsCheck;
using Gyre.Http.Fields;

namespace Gyre.Http.Tests.Fields;

/// <summary>10.0.0.0/8 and fd00::/8 are trusted; the peer is 10.0.0.1:1000. Expected: address, port, scheme, host, hops, end.</summary>
public sealed class ForwardedReaderTests
{
    private const ForwardedParts All = ForwardedParts.For | ForwardedParts.Proto | ForwardedParts.Host;

    private static readonly TrustedProxies s_trusted = new([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/8")]);

    private static readonly IPEndPoint s_peer = new(IPAddress.Parse("10.0.0.1"), 1000);

    [Theory]
    [InlineData("for=192.0.2.1", "192.0.2.1 0 - - 1")]
    [InlineData("For=\"192.0.2.1:80\";Proto=HTTPS;host=a.org", "192.0.2.1 80 https a.org 1")]
    [InlineData("for=\"[2001:db8::1]:80\"", "2001:db8::1 80 - - 1")]
    [InlineData("for=\"[2001:db8::1]\";by=10.0.0.1;secret=x", "2001:db8::1 0 - - 1")]
    [InlineData("for=\"[::ffff:192.0.2.1]\"", "192.0.2.1 0 - - 1")]
    [InlineData("for=6.6.6.6, for=192.0.2.1", "192.0.2.1 0 - - 1")]
    [InlineData("for=6.6.6.6;proto=https, for=10.0.0.2;proto=http", "6.6.6.6 0 https - 2")]
    [InlineData("for=6.6.6.6, for=10.0.0.2;proto=http;host=b", "6.6.6.6 0 http b 2")]
    [InlineData("for=6.6.6.6, for=192.0.2.1, for=10.0.0.2", "192.0.2.1 0 - - 2")]
    [InlineData("for=6.6.6.6, for=\"[fd00::1]\", for=10.0.0.2", "6.6.6.6 0 - - 3")]
    [InlineData("for=10.0.0.4, for=10.0.0.3, for=10.0.0.2, for=10.0.0.5", "10.0.0.3 0 - - 3")]
    [InlineData("for=6.6.6.6, for=unknown;proto=https", "10.0.0.1 1000 https - 1 hidden")]
    [InlineData("for=6.6.6.6, for=_a.b-c_1", "10.0.0.1 1000 - - 1 hidden")]
    [InlineData("for=\"_a:_b\"", "10.0.0.1 1000 - - 1 hidden")]
    [InlineData("for=\"192.0.2.1:_b\"", "192.0.2.1 0 - - 1")]
    [InlineData("proto=https", "10.0.0.1 1000 https - 1 hidden")]
    [InlineData("for=6.6.6.6, for=x", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("for=6.6.6.6, for=x, for=10.0.0.2;proto=https", "10.0.0.2 0 https - 1 malformed")]
    [InlineData("for=192.0.2.1:80", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("for=192.0.2.01", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("for=192.0.2", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("for=\"2001:db8::1\"", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("for=\"[2001:db8::1%1]\"", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("for=\"[2001:db8::1]:65536\"", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("for=\"[192.0.2.1]\"", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("for=\"192.0.2.1:\"", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("for=\"\"", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("for=\"1\\92.0.2.1\"", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("for=192.0.2.1;for=6.6.6.6", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("for=192.0.2.1;proto=ftp", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("for=192.0.2.1;host=\"a,b\"", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("for", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("for=\", for=192.0.2.1", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("x=\", for=\"[2001:db8::1]\"", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("x=\"a, for=6.6.6.6\", for=192.0.2.1", "192.0.2.1 0 - - 1")]
    [InlineData("", "10.0.0.1 1000 - - 0")]
    [InlineData(", ,", "10.0.0.1 1000 - - 0")]
    public void Forwarded_is_walked_from_the_right(string value, string expected) =>
        Assert.Equal(expected, Show(ForwardedReader.Read(Lines.Of(("Forwarded", value)), s_peer, s_trusted, All, 3)));

    [Theory]
    [InlineData("192.0.2.1", "", "", "192.0.2.1 0 - - 1")]
    [InlineData("192.0.2.1:80", "https", "a.org", "192.0.2.1 80 https a.org 1")]
    [InlineData("2001:db8::1", "", "", "2001:db8::1 0 - - 1")]
    [InlineData("[2001:db8::1]", "", "", "2001:db8::1 0 - - 1")]
    [InlineData("[2001:db8::1]:80", "", "", "2001:db8::1 80 - - 1")]
    [InlineData("6.6.6.6, 192.0.2.1", "", "", "192.0.2.1 0 - - 1")]
    [InlineData("6.6.6.6, 10.0.0.2", "https, http", "b, c", "6.6.6.6 0 https b 2")]
    [InlineData("6.6.6.6, 10.0.0.2", "https", "c", "6.6.6.6 0 https c 2")]
    [InlineData("6.6.6.6, unknown", "", "", "10.0.0.1 1000 - - 1 hidden")]
    [InlineData("", "https", "", "10.0.0.1 1000 https - 1 hidden")]
    [InlineData("6.6.6.6, x", "https", "", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("6.6.6.6, \"192.0.2.1\"", "", "", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("6.6.6.6", "ws", "", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("6.6.6.6", "", "a/b", "10.0.0.1 1000 - - 0 malformed")]
    [InlineData("", "", "", "10.0.0.1 1000 - - 0")]
    public void The_older_headers_are_walked_side_by_side(string addresses, string schemes, string hosts, string expected) =>
        Assert.Equal(
            expected,
            Show(ForwardedReader.ReadX(
                Lines.Of(("X-Forwarded-For", addresses), ("X-Forwarded-Proto", schemes), ("X-Forwarded-Host", hosts)),
                s_peer,
                s_trusted,
                All,
                3)));

    [Fact]
    public void Several_lines_are_one_list() => Assert.Equal(
        "6.6.6.6 0 - - 2",
        Show(ForwardedReader.ReadX(
            Lines.Of(("X-Forwarded-For", "7.7.7.7, 6.6.6.6"), ("X-Forwarded-For", "10.0.0.2")), s_peer, s_trusted, All, 3)));

    [Fact]
    public void A_stranger_is_not_believed()
    {
        IPEndPoint stranger = new(IPAddress.Parse("192.0.2.9"), 5);
        Assert.Equal("192.0.2.9 5 - - 0", Show(ForwardedReader.Read(Lines.Of(("Forwarded", "for=6.6.6.6")), stranger, s_trusted, All, 3)));
        Assert.Equal("192.0.2.9 5 - - 0", Show(ForwardedReader.ReadX(Lines.Of(("X-Forwarded-For", "6.6.6.6")), stranger, s_trusted, All, 3)));
    }

    [Fact]
    public void A_proxy_whose_ipv4_comes_as_ipv6_is_known()
    {
        IPEndPoint peer = new(IPAddress.Parse("::ffff:10.0.0.1"), 5);
        Assert.Equal("6.6.6.6 0 - - 1", Show(ForwardedReader.Read(Lines.Of(("Forwarded", "for=6.6.6.6")), peer, s_trusted, All, 3)));
    }

    [Fact]
    public void Only_the_parts_asked_for_are_believed()
    {
        const string value = "for=6.6.6.6;proto=https;host=a, for=10.0.0.2;proto=http;host=b";
        Assert.Equal("6.6.6.6 0 - - 2", Read(ForwardedParts.For, 3));
        Assert.Equal("10.0.0.1 1000 http - 1 hidden", Read(ForwardedParts.Proto, 3));
        Assert.Equal("6.6.6.6 0 - a 2", Read(ForwardedParts.For | ForwardedParts.Host, 3));
        Assert.Equal("10.0.0.2 0 http b 1", Read(All, 1));
        Assert.Equal("10.0.0.1 1000 - - 0", Read(All, 0));

        static string Read(ForwardedParts parts, int hopsMax) =>
            Show(ForwardedReader.Read(Lines.Of(("Forwarded", value)), s_peer, s_trusted, parts, hopsMax));
    }

    [Fact]
    public void Nothing_that_a_client_writes_first_changes_what_the_proxies_add() =>
        Gen.Select(Gen.Char["for=\"[]:1.,;_\\ \t"].Array[0, 40], Gen.Bool).Sample(
            (noise, isLineOfItsOwn) =>
            {
                const string added = "for=192.0.2.1;proto=https";
                string text = new(noise);
                ForwardedClient client = isLineOfItsOwn
                    ? ForwardedReader.Read(Lines.Of(("Forwarded", text), ("Forwarded", added)), s_peer, s_trusted, All, 3)
                    : ForwardedReader.Read(Lines.Of(("Forwarded", text + ", " + added)), s_peer, s_trusted, All, 3);
                string shown = Show(client);

                // Within a line an open quote can only spoil the element behind it, which then isn't believed.
                bool isSpoilt = !isLineOfItsOwn && shown == "10.0.0.1 1000 - - 0 malformed" && text.Contains('"', StringComparison.Ordinal);
                Assert.True(isSpoilt || shown == "192.0.2.1 0 https - 1", $"{text} gives {shown}");
            },
            iter: 20_000);

    private static string Show(ForwardedClient client)
    {
        string scheme = client.Scheme.IsEmpty ? "-" : Lines.Text(client.Scheme);
        string host = client.Host.IsEmpty ? "-" : Lines.Text(client.Host);
        string end = client.IsMalformed ? " malformed" : client.IsHidden ? " hidden" : "";
        return $"{client.Address} {client.Port} {scheme} {host} {client.Hops}{end}";
    }
}
