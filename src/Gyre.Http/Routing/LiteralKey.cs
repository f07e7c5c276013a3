using System.Text;

namespace Gyre.Http.Routing;

/// <summary>
/// Lets bytes find a text key without making a string of them; a key holds the bytes as Latin-1. The keys are the developer's, so a
/// plain hash is safe.
/// </summary>
internal sealed class LiteralKey : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<byte>, string>
{
    public static readonly LiteralKey Comparer = new();

    private const uint HashStart = 2166136261;
    private const uint HashFactor = 16777619;

    /// <summary>The key of these bytes.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

    public int GetHashCode(string obj)
    {
        uint hash = HashStart;
        foreach (char c in obj)
        {
            hash = (hash ^ c) * HashFactor;
        }

        return (int)hash;
    }

    public bool Equals(ReadOnlySpan<byte> alternate, string other)
    {
        if (alternate.Length != other.Length)
        {
            return false;
        }

        if (Ascii.Equals(alternate, other))
        {
            return true;
        }

        for (int i = 0; i < alternate.Length; i++)
        {
            if (alternate[i] != other[i])
            {
                return false;
            }
        }

        return true;
    }

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        uint hash = HashStart;
        foreach (byte b in alternate)
        {
            hash = (hash ^ b) * HashFactor;
        }

        return (int)hash;
    }

    public string Create(ReadOnlySpan<byte> alternate) => Of(alternate);
}
