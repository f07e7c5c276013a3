using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Gyre.Http.Fields;
using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Fuzz.References;

namespace Gyre.Http.Fuzz.Targets;

/// <summary><c>Accept-Encoding</c> lines, parted by LF in the input, against a plain reading with text and decimals.</summary>
internal sealed partial class AcceptEncodingTarget : FuzzTarget
{
    private const string Token = @"[!#$%&'*+\-.^_`|~0-9A-Za-z]+";
    private const string Semicolon = @"[ \t]*;[ \t]*";
    private const string Quality = @"0(\.[0-9]{0,3})?|1(\.0{0,3})?";

    private static readonly ContentCoding[] s_offered = [ContentCoding.Brotli, ContentCoding.Zstandard, ContentCoding.Gzip];
    private static readonly (string Name, ContentCoding Coding)[] s_names =
    [
        ("gzip", ContentCoding.Gzip), ("x-gzip", ContentCoding.Gzip), ("br", ContentCoding.Brotli), ("zstd", ContentCoding.Zstandard),
        ("identity", ContentCoding.Identity),
    ];

    private readonly HeaderLines _lines = new();

    internal override string Name => "accept-encoding";

    internal override IReadOnlyList<string> Seeds =>
    [
        "gzip, deflate, br, zstd", "gzip;q=1.0, br;q=0.5, *;q=0", "identity;q=0\n*;q=0.001", "x-gzip;Q=0.7 , ,", "", "br;a=b;q=1",
    ];

    internal override IReadOnlyList<string> Words =>
    [
        "gzip", "br", "zstd", "identity", "x-gzip", "*", ";q=", ";q=0", ";q=1.000", ";q=0.5", ";q=0.001", ",", ", ", "\n", "\"", "\"a,b\"", ";", "=",
        " ", "\t",
    ];

    internal override void Run(ReadOnlySpan<byte> input)
    {
        if (!_lines.TryRead("Accept-Encoding", input))
        {
            return;
        }

        ContentCoding found = AcceptEncoding.Negotiate(_lines.Section, s_offered);
        Verify.Same(ContentCoding.Identity, AcceptEncoding.Negotiate(_lines.Section, []) == ContentCoding.NotAcceptable
            ? ContentCoding.Identity : AcceptEncoding.Negotiate(_lines.Section, []), "a coding is chosen that wasn't offered");

        // Quoted strings mean nothing in this header and have a grammar of their own; there only the limits above hold.
        if (!input.Contains((byte)'"'))
        {
            Verify.Same(Reference(Encoding.Latin1.GetString(input)), found, "another coding is chosen than by the reference");
        }
    }

    private static ContentCoding Reference(string lines)
    {
        Dictionary<ContentCoding, decimal> weights = [];
        decimal? others = null;
        foreach (string element in lines.Split('\n', ',').Select(element => element.Trim(' ', '\t')).Where(element => element.Length > 0))
        {
            Match match = Element().Match(element);
            if (!match.Success)
            {
                return ContentCoding.Identity;
            }

            decimal weight = match.Groups["q"].Success ? decimal.Parse(match.Groups["q"].Value, CultureInfo.InvariantCulture) : 1;
            string name = match.Groups["name"].Value;
            others ??= name == "*" ? weight : null;
            foreach ((_, ContentCoding coding) in s_names.Where(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            {
                weights.TryAdd(coding, weight);
            }
        }

        return Choose(weights, others);
    }

    private static ContentCoding Choose(Dictionary<ContentCoding, decimal> weights, decimal? others)
    {
        decimal Weight(ContentCoding coding) => weights.TryGetValue(coding, out decimal weight) ? weight : others ?? 0;
        ContentCoding best = s_offered.MaxBy(Weight);
        bool isIdentityNamed = weights.ContainsKey(ContentCoding.Identity) || others is not null;
        decimal identity = Weight(ContentCoding.Identity);
        if (Weight(best) == 0)
        {
            return isIdentityNamed && identity == 0 ? ContentCoding.NotAcceptable : ContentCoding.Identity;
        }

        return identity > Weight(best) ? ContentCoding.Identity : best;
    }

    // Nothing may stand between a coding and its weight; what follows the weight was once an extension and says nothing.
    [GeneratedRegex(
        @"\A(?<name>" + Token + ")(" + Semicolon + "[qQ]=(?<q>" + Quality + ")(" + Semicolon + "(" + Token + "=" + Token + @")?)*)?[ \t]*\z")]
    private static partial Regex Element();
}
