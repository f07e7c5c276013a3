using System.Net;
using System.Text;
using Gyre.Http.Fields;
using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Fuzz.References;
using Gyre.Http.Protocol;

namespace Gyre.Http.Fuzz.Targets;

/// <summary><c>Forwarded</c> and the <c>X-Forwarded-</c> lines; the input is the lines. What a farther client writes changes nothing.</summary>
internal sealed class ForwardedTarget : FuzzTarget
{
    private const int HopsMax = 4;

    private static readonly TrustedProxies s_trusted = new([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/8")]);
    private static readonly TrustedProxies s_nobody = new([]);
    private static readonly IPEndPoint s_peer = new(IPAddress.Parse("10.0.0.1"), 1234);

    private readonly HeaderLines _lines = new();
    private readonly HeaderLines _longer = new();

    internal override string Name => "forwarded";

    internal override IReadOnlyList<string> Seeds =>
    [
        "Forwarded: for=192.0.2.1;proto=https;host=a.example, for=10.1.2.3\r\n",
        "forwarded: For=\"[fd00::1]:80\";by=_x;proto=http\r\nForwarded: for=10.0.0.9\r\n",
        "X-Forwarded-For: 192.0.2.1, 10.0.0.2\r\nX-Forwarded-Proto: https, http\r\nX-Forwarded-Host: a, b:80\r\n",
        "X-Forwarded-For: fd00::1, [fd00::2]:80, unknown\r\n",
        "Forwarded: for=unknown, for=_hidden\r\n", "Forwarded: for=10.0.0.3;ext=\"a,b;\\\"\", for=\"10.0.0.4:_p\"\r\n",
    ];

    internal override IReadOnlyList<string> Words =>
    [
        "Forwarded: ", "X-Forwarded-For: ", "X-Forwarded-Proto: ", "X-Forwarded-Host: ", "\r\n", "for=", ";proto=", ";host=", "by=", "https", "http",
        "unknown", "_x", ", ", ",",
        ";", "=", "\"", "\\", "10.0.0.2", "192.0.2.1", "\"[fd00::1]\"", "[fd00::2]:8", ":80", "::ffff:10.0.0.1", "010.0.0.1", "a.example",
    ];

    internal override void Run(ReadOnlySpan<byte> input)
    {
        if (!_lines.TryRead(input))
        {
            return;
        }

        Judge(isX: false, "Forwarded: for=203.0.113.9;proto=http, \r\n"u8, input);
        Judge(isX: true, "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: evil\r\n"u8, input);
    }

    private void Judge(bool isX, ReadOnlySpan<byte> farther, ReadOnlySpan<byte> input)
    {
        ForwardedClient nobody = Read(isX, _lines.Section, s_nobody, HopsMax);
        Verify.That(nobody.Hops == 0 && nobody.Scheme.IsEmpty && nobody.Host.IsEmpty && nobody.Address.Equals(s_peer.Address), "an untrusted peer is believed");
        ForwardedClient client = Read(isX, _lines.Section, s_trusted, HopsMax);
        Verify.That(client.Hops is >= 0 and <= HopsMax, "more proxies are believed than allowed");
        Verify.That(client.Scheme.IsEmpty || client.Scheme.SequenceEqual("http"u8) || client.Scheme.SequenceEqual("https"u8), "a scheme is neither");
        Verify.That(client.Host.IsEmpty || HostSyntax.TryParse(client.Host, out _, out _), "a host is none");
        Verify.That(client.Port is >= 0 and <= ushort.MaxValue && !client.Address.IsIPv4MappedToIPv6, "an address isn't plain");
        if (client.Hops > 0 && !client.IsHidden && !client.IsMalformed)
        {
            JudgePrefix(isX, client);
        }

        // A list that ran out is continued by what comes before; any other end stands.
        bool ranOut = !client.IsMalformed && !client.IsHidden && client.Hops < HopsMax && s_trusted.Contains(client.Address);
        byte[] longer = [.. farther, .. input];
        if (ranOut || !_longer.TryRead(longer) || (isX && !HasAllLists()))
        {
            return;
        }

        ForwardedClient again = Read(isX, _longer.Section, s_trusted, HopsMax);
        Verify.Same(Describe(client), Describe(again), "what a farther client writes is believed");
    }

    // With fewer hops the walk ends on the way there.
    private void JudgePrefix(bool isX, ForwardedClient client)
    {
        ForwardedClient shorter = Read(isX, _lines.Section, s_trusted, client.Hops - 1);
        Verify.Same(client.Hops - 1, shorter.Hops, "a walk with fewer hops ends elsewhere");
        Verify.That(s_trusted.Contains(shorter.Address), "the word of an untrusted address is taken");
    }

    // Where a list is shorter than the others, what is put before it moves into reach; that is documented, not a finding.
    private bool HasAllLists() =>
        Count("X-Forwarded-For"u8) >= HopsMax && Count("X-Forwarded-Proto"u8) >= HopsMax && Count("X-Forwarded-Host"u8) >= HopsMax;

    private int Count(ReadOnlySpan<byte> name)
    {
        int count = 0;
        for (int i = _lines.Section.IndexOf(name); i >= 0; i = _lines.Section.IndexOf(name, i + 1))
        {
            count += Encoding.Latin1.GetString(_lines.Section.GetValue(i)).Split(',').Count(element => element.Trim(' ', '\t').Length > 0);
        }

        return count;
    }

    private static ForwardedClient Read(bool isX, FieldSection section, TrustedProxies trusted, int hopsMax)
    {
        const ForwardedParts All = ForwardedParts.For | ForwardedParts.Proto | ForwardedParts.Host;
        return isX ? ForwardedReader.ReadX(section, s_peer, trusted, All, hopsMax) : ForwardedReader.Read(section, s_peer, trusted, All, hopsMax);
    }

    private static string Describe(ForwardedClient client) =>
        $"{client.Address} {client.Port} {client.Hops} {client.IsHidden} {client.IsMalformed} "
        + $"{Encoding.Latin1.GetString(client.Scheme)} {Encoding.Latin1.GetString(client.Host)}";
}
