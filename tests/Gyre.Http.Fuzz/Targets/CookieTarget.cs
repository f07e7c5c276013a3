using System.Text;
using Gyre.Http.Fields;
using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Fuzz.References;
using Gyre.Http.Protocol;

namespace Gyre.Http.Fuzz.Targets;

/// <summary><c>Cookie</c> lines, parted by LF in the input, and the way back through <c>Set-Cookie</c>.</summary>
internal sealed class CookieTarget : FuzzTarget
{
    private const string TokenMarks = "!#$%&'*+-.^_`|~";

    private readonly HeaderLines _lines = new();
    private readonly HeaderLines _again = new();

    internal override string Name => "cookie";

    internal override IReadOnlyList<string> Seeds => ["a=b", "a=b; c=\"d\"; e=", "a=b c,d; =x; y; a=c\nz=1;;", "a=\"b; c\"", "\n", "a==b; b= c"];

    internal override IReadOnlyList<string> Words =>
        [";", "; ", "=", "\"", "a=b", "a=\"\"", ",", " ", "\t", "\\", "\n", "__Host-", "\u0080", "é=ü", "x=y;z=w"];

    internal override void Run(ReadOnlySpan<byte> input)
    {
        if (!_lines.TryRead("Cookie", input))
        {
            return;
        }

        List<(string Name, string Value)> expected = Reference(Encoding.Latin1.GetString(input), out bool isTruncated);
        CookieReader reader = new(_lines.Section);
        foreach ((string name, string value) in expected)
        {
            Verify.That(reader.MoveNext(), "a cookie is missed");
            Verify.Same(name, Encoding.Latin1.GetString(reader.Name), "a cookie has another name");
            Verify.Same(value, Encoding.Latin1.GetString(reader.Value), "a cookie has another value");
            JudgeWayBack(name, value);
        }

        Verify.That(!reader.MoveNext() && !reader.MoveNext(), "a cookie is found that isn't there");
        Verify.Same(isTruncated, reader.IsTruncated, "the bound on cookies is judged otherwise");
        if (expected.Count > 0)
        {
            string last = expected[^1].Name;
            bool isFound = CookieReader.TryFind(_lines.Section, Encoding.ASCII.GetBytes(last), out ReadOnlySpan<byte> found);
            Verify.That(isFound, "a cookie isn't found by name");
            Verify.Same(expected.First(pair => pair.Name == last).Value, Encoding.Latin1.GetString(found), "not the first of a name is found");
        }
    }

    private void JudgeWayBack(string name, string value)
    {
        // What other servers set may hold more than ours writes.
        bool isOurs = value.AsSpan().IndexOfAny(' ', ',') < 0 && !name.StartsWith("__", StringComparison.Ordinal);
        if (!isOurs || name.Length + value.Length > CookieWriter.NameAndValueBytesMax)
        {
            return;
        }

        CookieOptions options = new();
        byte[] text = new byte[CookieWriter.LengthMax(name, value, options)];
        int written = CookieWriter.Write(name, value, options, isHttps: true, text);
        string line = Encoding.ASCII.GetString(text.AsSpan(0, written));
        Verify.That(!line.AsSpan().ContainsAny("\r\n\0"), "a cookie breaks its line");
        string pair = line.Split(';')[0];
        Verify.That(_again.TryRead("Cookie", Encoding.ASCII.GetBytes(pair)), "a cookie that was written isn't read");
        CookieReader reader = new(_again.Section);
        Verify.That(reader.MoveNext(), "a cookie that was written isn't found");
        Verify.Same(name, Encoding.ASCII.GetString(reader.Name), "a cookie comes back under another name");
        Verify.Same(value, Encoding.ASCII.GetString(reader.Value), "a cookie comes back with another value");
    }

    private static List<(string Name, string Value)> Reference(string lines, out bool isTruncated)
    {
        string[] pairs = [.. lines.Split('\n').SelectMany(line => line.Split(';')).Select(pair => pair.Trim(' ', '\t')).Where(pair => pair.Length > 0)];
        isTruncated = pairs.Length > CookieReader.PairsMaxDefault;
        List<(string, string)> cookies = [];
        foreach (string pair in pairs.Take(CookieReader.PairsMaxDefault))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || !pair[..equals].All(c => char.IsAsciiLetterOrDigit(c) || TokenMarks.Contains(c, StringComparison.Ordinal)))
            {
                continue;
            }

            string value = pair[(equals + 1)..];
            bool isQuoted = value.Length >= 2 && value[0] == '"' && value[^1] == '"';
            value = isQuoted ? value[1..^1] : value;
            bool isSpaced = !isQuoted && value.Length > 0 && value[0] is (' ' or '\t');
            if (!isSpaced && value.All(c => c is >= ' ' and <= '~' and not '"' and not ';' and not '\\'))
            {
                cookies.Add((pair[..equals], value));
            }
        }

        return cookies;
    }
}
