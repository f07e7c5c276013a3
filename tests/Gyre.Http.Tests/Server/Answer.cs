using System.Text;

namespace Gyre.Http.Tests.Server;

/// <summary>A response as it came over the wire.</summary>
internal sealed record Answer(string Head, byte[] Body)
{
    private readonly string[] _lines = Head.Split("\r\n");

    /// <summary>The status line and header lines, in order.</summary>
    public IReadOnlyList<string> Lines => _lines;

    public int Status => int.Parse(_lines[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The only header of that name, or null; two of them fail.</summary>
    public string? this[string name] =>
        _lines.Skip(1).SingleOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
}
