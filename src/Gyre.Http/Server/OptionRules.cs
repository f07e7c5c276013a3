using System.Runtime.CompilerServices;
using System.Text;
using Gyre.Http.Protocol;

namespace Gyre.Http.Server;

/// <summary>What options refuse where they are set, so that the failure names the option and not what uses it later.</summary>
internal static class OptionRules
{
    public static T NotNull<T>(T value, [CallerMemberName] string name = "")
        where T : class => value ?? throw new ArgumentNullException(name);

    public static T Defined<T>(T value, [CallerMemberName] string name = "")
        where T : struct, Enum => Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(
            name, value, $"{name} can't be {value}; use one of {string.Join(", ", Enum.GetNames<T>())}.");

    /// <summary>The name of a header or a cookie, RFC 9110 section 5.1 and RFC 6265 section 4.1.1.</summary>
    public static string Token(string value, [CallerMemberName] string name = "") =>
        ByteClasses.IsToken(Encoding.UTF8.GetBytes(NotNull(value, name))) ? value : throw new ArgumentException(
            $"{name} can't be '{value}', which is no token: use letters, digits and hyphens.", name);

    /// <summary>Origins as browsers write them, RFC 6454 section 6.2.</summary>
    public static IReadOnlyList<string> Origins(IReadOnlyList<string> value, [CallerMemberName] string name = "")
    {
        foreach (string? origin in NotNull(value, name))
        {
            if (origin is null || !IsOrigin(origin))
            {
                throw new ArgumentException(
                    $"{name} can't hold {Shown(origin)}, which is no origin: write scheme://host or scheme://host:port and nothing behind it, " +
                    "such as 'https://admin.example.org'.", name);
            }
        }

        return value;
    }

    /// <summary>Content types without parameters, RFC 9110 section 8.3.1. A range such as <c>text/*</c> is none.</summary>
    public static IReadOnlyList<string> ContentTypes(IReadOnlyList<string> value, [CallerMemberName] string name = "")
    {
        foreach (string? type in NotNull(value, name))
        {
            if (type is null || !IsContentType(type))
            {
                throw new ArgumentException(
                    $"{name} can't hold {Shown(type)}, which is no content type: write type/subtype without parameters, such as 'image/svg+xml'.", name);
            }
        }

        return value;
    }

    private static string Shown(string? value) => value is null ? "null" : $"'{value}'";

    private static bool IsOrigin(string text)
    {
        int end = text.IndexOf("://", StringComparison.Ordinal);
        return end > 0 && char.IsAsciiLetter(text[0]) && text[..end].All(static c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.')
            && HostSyntax.TryParse(Encoding.UTF8.GetBytes(text[(end + 3)..]), out _, out _);
    }

    private static bool IsContentType(string text)
    {
        byte[] type = Encoding.UTF8.GetBytes(text);
        int slash = type.AsSpan().IndexOf((byte)'/');
        return slash >= 0 && !type.Contains((byte)'*') && ByteClasses.IsToken(type.AsSpan(0, slash)) && ByteClasses.IsToken(type.AsSpan(slash + 1));
    }
}
