using System.Buffers;
using System.Globalization;
using System.Text;
using Gyre.Http.Protocol;

namespace Gyre.Http.Fields;

/// <summary>
/// Writes <c>Set-Cookie</c>, RFC 6265 section 4.1, and refuses what a browser would drop or read otherwise. The value isn't
/// encoded: what may not stand in a cookie is the caller's to encode, so that both sides know how.
/// </summary>
internal static class CookieWriter
{
    /// <summary>Browsers drop a cookie whose name and value have more bytes, RFC 6265bis section 5.7.</summary>
    internal const int NameAndValueBytesMax = 4096;

    /// <summary>Browsers ignore an attribute whose value has more bytes, RFC 6265bis section 5.6.</summary>
    internal const int AttributeBytesMax = 1024;

    // Names of all attributes, two dates' worth of digits and the separators, rounded up.
    private const int FixedBytesMax = 192;
    private const int StackBytesMax = 512;

    private static readonly SearchValues<char> s_domain =
        SearchValues.Create("-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Adds a <c>Set-Cookie</c> line to a response.</summary>
    /// <param name="headers">Of the response.</param>
    /// <param name="name">A token.</param>
    /// <param name="value">Visible ASCII without quote, comma, semicolon and backslash; may be empty.</param>
    /// <param name="options">The attributes.</param>
    /// <param name="isHttps">Whether the request came over https.</param>
    /// <exception cref="ArgumentException">Something a browser would drop or read otherwise; the message says what would be right.</exception>
    internal static void Append(ResponseHeaders headers, string name, string value, CookieOptions options, bool isHttps)
    {
        int length = LengthMax(name, value, options);
        byte[]? rented = length > StackBytesMax ? ArrayPool<byte>.Shared.Rent(length) : null;
        Span<byte> bytes = rented ?? stackalloc byte[StackBytesMax];
        try
        {
            headers.Add(KnownHeader.SetCookie, bytes[..Write(name, value, options, isHttps, bytes)]);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    /// <summary>Adds a line that makes the browser forget a cookie; path, domain and partition must be those it was set with.</summary>
    /// <inheritdoc cref="Append"/>
    internal static void AppendDeletion(ResponseHeaders headers, string name, CookieOptions options, bool isHttps) =>
        Append(headers, name, "", options with { MaxAge = TimeSpan.Zero, Expires = DateTimeOffset.UnixEpoch }, isHttps);

    /// <summary>Room that suffices for <see cref="Write"/>, in bytes.</summary>
    internal static int LengthMax(string name, string value, CookieOptions options) =>
        FixedBytesMax + name.Length + value.Length + (options.Domain?.Length ?? 0) + (options.Path?.Length ?? 0);

    /// <summary>Writes the value of <c>Set-Cookie</c>.</summary>
    /// <param name="name">A token.</param>
    /// <param name="value">Visible ASCII without quote, comma, semicolon and backslash; may be empty.</param>
    /// <param name="options">The attributes.</param>
    /// <param name="isHttps">Whether the request came over https.</param>
    /// <param name="destination">At least <see cref="LengthMax"/> bytes.</param>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">Something a browser would drop or read otherwise; the message says what would be right.</exception>
    internal static int Write(string name, string value, CookieOptions options, bool isHttps, Span<byte> destination)
    {
        bool isSecure = options.Secure == CookieSecure.Always || (options.Secure == CookieSecure.Auto && isHttps);
        CheckNameAndValue(name, value);
        CheckAttributes(name, options);
        CheckSecure(name, options, isSecure);
        SpanComposer composer = new(destination);
        composer.WriteAscii(name);
        composer.Write("="u8);
        composer.WriteAscii(value);
        WriteText(ref composer, "; Path="u8, options.Path);
        WriteText(ref composer, "; Domain="u8, options.Domain);
        if (options.Expires is DateTimeOffset expires)
        {
            Span<byte> date = stackalloc byte[HttpDate.FixdateLength];
            HttpDate.Format(expires, date);
            composer.Write("; Expires="u8);
            composer.Write(date);
        }

        if (options.MaxAge is TimeSpan age)
        {
            composer.Write("; Max-Age="u8);
            composer.WriteDecimal(age.Ticks / TimeSpan.TicksPerSecond);
        }

        composer.Write(isSecure ? "; Secure"u8 : default);
        composer.Write(options.HttpOnly ? "; HttpOnly"u8 : default);
        composer.Write(options.SameSite switch
        {
            CookieSameSite.Lax => "; SameSite=Lax"u8,
            CookieSameSite.Strict => "; SameSite=Strict"u8,
            CookieSameSite.None => "; SameSite=None"u8,
            _ => default,
        });
        composer.Write(options.Partitioned ? "; Partitioned"u8 : default);
        return composer.Length;
    }

    private static void WriteText(ref SpanComposer composer, ReadOnlySpan<byte> attribute, string? text)
    {
        if (text is not null)
        {
            composer.Write(attribute);
            composer.WriteAscii(text);
        }
    }

    private static void CheckNameAndValue(string name, string value)
    {
        if (name.Length == 0 || FirstOutside(ByteClasses.Token, name) is >= 0)
        {
            throw new ArgumentException($"The cookie name '{Shown(name)}' is not a token: use letters, digits, hyphens.", nameof(name));
        }

        if (FirstOutside(CookieBytes.Octets, value) is >= 0 and int at)
        {
            throw new ArgumentException(
                $"The value of the cookie '{name}' holds {Shown(value[at])} at index {at}, which cookies can't: encode it first, " +
                "for example with Base64Url.EncodeToString or Uri.EscapeDataString.",
                nameof(value));
        }

        if (name.Length + value.Length > NameAndValueBytesMax)
        {
            throw new ArgumentException(
                $"The cookie '{Shown(name)}' has {name.Length + value.Length} bytes in name and value; browsers drop it above " +
                $"{NameAndValueBytesMax}: keep the data on the server and send a key.",
                nameof(value));
        }
    }

    private static void CheckAttributes(string name, CookieOptions options)
    {
        if (options.Path is string path && (path.Length is 0 or > AttributeBytesMax || path[0] != '/'
            || path.AsSpan().ContainsAnyExceptInRange(' ', '~') || path.Contains(';', StringComparison.Ordinal)))
        {
            throw new ArgumentException(
                $"The path '{Shown(path)}' of the cookie '{name}' must begin with '/', and hold printable ASCII without ';', " +
                $"at most {AttributeBytesMax} of it.",
                nameof(options));
        }

        if (options.Domain is string domain && (domain.Length is 0 or > 255 || domain[0] == '.' || domain[^1] == '.'
            || domain.AsSpan().ContainsAnyExcept(s_domain)))
        {
            throw new ArgumentException(
                $"The domain '{Shown(domain)}' of the cookie '{name}' must be a host name such as example.org, without a dot in front.",
                nameof(options));
        }

        if (options.MaxAge is TimeSpan age && age < TimeSpan.Zero)
        {
            throw new ArgumentException(
                $"MaxAge of the cookie '{name}' is {age}; it must not be negative. Zero deletes the cookie.", nameof(options));
        }
    }

    // RFC 6265bis section 4.1.3: browsers drop a cookie that doesn't keep what its prefix promises, in any case.
    private static void CheckSecure(string name, CookieOptions options, bool isSecure)
    {
        bool isHostOnly = name.StartsWith("__Host-", StringComparison.OrdinalIgnoreCase);
        string? demand = isHostOnly ? "its prefix __Host-"
            : name.StartsWith("__Secure-", StringComparison.OrdinalIgnoreCase) ? "its prefix __Secure-"
            : options.SameSite == CookieSameSite.None ? "SameSite=None"
            : options.Partitioned ? "Partitioned"
            : null;
        if (demand is not null && !isSecure)
        {
            throw new ArgumentException(
                $"The cookie '{name}' would be dropped: {demand} demands Secure, which is {options.Secure}" +
                (options.Secure == CookieSecure.Auto ? ", and the request came over http. Serve it over https, or set Secure to Always." : "."),
                nameof(options));
        }

        if (isHostOnly && (options.Path != "/" || options.Domain is not null))
        {
            throw new ArgumentException(
                $"The cookie '{name}' would be dropped: its prefix __Host- demands Path '/' and no Domain.", nameof(options));
        }
    }

    private static int FirstOutside(SearchValues<byte> allowed, string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] > '\u007f' || !allowed.Contains((byte)text[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private static string Shown(char c) => c is > ' ' and <= '~' ? $"'{c}'" : string.Create(CultureInfo.InvariantCulture, $"U+{(int)c:X4}");

    private static string Shown(string text)
    {
        const int LengthMax = 60;
        StringBuilder shown = new();
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, LengthMax)))
        {
            shown.Append(c is >= ' ' and <= '~' ? c.ToString() : Shown(c));
        }

        return shown.Append(text.Length > LengthMax ? "…" : "").ToString();
    }
}
