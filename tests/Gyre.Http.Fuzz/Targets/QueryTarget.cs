using System.Globalization;
using System.Text;
using Gyre.Http.Fields;
using Gyre.Http.Fuzz.Engine;

namespace Gyre.Http.Fuzz.Targets;

/// <summary>Queries and urlencoded forms.</summary>
internal sealed class QueryTarget : FuzzTarget
{
    internal override string Name => "query";

    internal override IReadOnlyList<string> Seeds => ["a=b&c=d", "a=%20+&&b&=c&%", "x=%C3%A9&y=%zz&z=%4", "a=1&a=2", "=&=&="];

    internal override IReadOnlyList<string> Words => ["&", "=", "+", "%", "%20", "%00", "%zz", "%C3%A9", "%ff", "a=b", "&&", "%26", "%3d", "\u00ff"];

    internal override void Run(ReadOnlySpan<byte> input)
    {
        List<(byte[] Name, byte[] Value)> expected = Reference(Encoding.Latin1.GetString(input));
        QueryReader reader = new(input);
        Span<byte> room = new byte[input.Length];
        StringBuilder again = new();
        for (int i = 0; i < Math.Min(expected.Count, QueryReader.PairsMaxDefault); i++)
        {
            (byte[] name, byte[] value) = expected[i];
            Verify.That(reader.MoveNext(), "a pair is missed");
            Verify.SameBytes(name, room[..QueryReader.Decode(reader.Name, room)], "a name is decoded otherwise");
            Verify.SameBytes(value, room[..QueryReader.Decode(reader.Value, room)], "a value is decoded otherwise");
            Verify.Same(Encoding.UTF8.GetString(value), QueryReader.DecodeToString(reader.Value), "a value is another text");
            Verify.That(QueryReader.IsDecoded(reader.Name, name), "a name isn't recognised");
            Verify.That(!QueryReader.IsDecoded(reader.Name, [.. name, 1]), "a longer name is recognised");
            again.Append('&').Append(Encode(name)).Append('=').Append(Encode(value));
        }

        Verify.That(!reader.MoveNext(), "a pair is found that isn't there");
        Verify.Same(expected.Count > QueryReader.PairsMaxDefault, reader.IsTruncated, "the bound on pairs is judged otherwise");
        JudgeAgain(Encoding.ASCII.GetBytes(again.ToString()), expected);
        if (expected.Count > 0)
        {
            (byte[] first, byte[] value) = expected[0];
            Verify.Same(Encoding.UTF8.GetString(value), QueryReader.FindFirst(input, first), "the first pair isn't found by name");
        }
    }

    private static void JudgeAgain(byte[] encoded, List<(byte[] Name, byte[] Value)> expected)
    {
        QueryReader reader = new(encoded);
        byte[] room = new byte[encoded.Length];
        foreach ((byte[] name, byte[] value) in expected.Take(QueryReader.PairsMaxDefault))
        {
            Verify.That(reader.MoveNext(), "a pair that was encoded is missed");
            Verify.SameBytes(name, room.AsSpan(0, QueryReader.Decode(reader.Name, room)), "a name doesn't come back");
            Verify.SameBytes(value, room.AsSpan(0, QueryReader.Decode(reader.Value, room)), "a value doesn't come back");
        }
    }

    private static string Encode(byte[] bytes) => string.Concat(bytes.Select(b => string.Create(CultureInfo.InvariantCulture, $"%{b:X2}")));

    private static List<(byte[] Name, byte[] Value)> Reference(string text) =>
    [
        .. text.Split('&').Where(pair => pair.Length > 0).Select(pair => pair.Split('=', 2))
            .Select(parts => (Decode(parts[0]), Decode(parts.Length > 1 ? parts[1] : ""))),
    ];

    private static byte[] Decode(string text)
    {
        List<byte> bytes = [];
        for (int i = 0; i < text.Length; i++)
        {
            bool isEscape = text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]);
            bytes.Add(isEscape ? Convert.FromHexString(text.AsSpan(i + 1, 2))[0] : text[i] == '+' ? (byte)' ' : (byte)text[i]);
            i += isEscape ? 2 : 0;
        }

        return [.. bytes];
    }
}
