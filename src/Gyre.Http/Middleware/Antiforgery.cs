using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Gyre.Http.Fields;
using Gyre.Http.Protocol;
using Microsoft.AspNetCore.DataProtection;

namespace Gyre.Http;

/// <summary>
/// Tokens against forged requests: a page carries one that belongs to a cookie of its browser, and another site knows neither. Made once for
/// a server; safe from any thread.
/// </summary>
/// <remarks>A token is an encrypted hash of the cookie and the user, and its end, by the loop's clock.</remarks>
public sealed class Antiforgery
{
    private const string Purpose = "Gyre.Http.Antiforgery.v1";
    private const int SecretBytes = 32;
    private const int SecretCharacters = 43;
    private const int EndBytes = sizeof(long);

    /// <summary>A token has about 200 characters; longer ones aren't looked at.</summary>
    private const int TokenCharactersMax = 1024;

    private readonly IDataProtector _protector;

    /// <summary>With its options.</summary>
    /// <param name="options">The provider of keys at the least.</param>
    public Antiforgery(AntiforgeryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        _protector = options.Provider.CreateProtector(Purpose);
    }

    internal AntiforgeryOptions Options { get; }

    /// <summary>
    /// The token for a page or a script; sets the cookie that it belongs to if the request has none, and <c>Cache-Control: no-store</c> unless
    /// another was set: the token is for one browser. Before the head is sent.
    /// </summary>
    /// <param name="context">Of the request that gets the page.</param>
    /// <returns>Visible ASCII, about 200 characters.</returns>
    public string IssueToken(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        string name = CookieName(context);
        string? secret = SecretOf(context, name);
        ResponseHeaders headers = context.Response.Headers;
        if (secret is null)
        {
            secret = context.Items.TryGetValue(name, out object? issued) ? (string)issued!
                : Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
            if (context.Items.TryAdd(name, secret))
            {
                CookieWriter.Append(headers, name, secret, new CookieOptions { SameSite = CookieSameSite.Lax }, context.Request.IsHttps);
            }
        }

        if (!headers.Contains(KnownHeader.CacheControl))
        {
            headers.Set(KnownHeader.CacheControl, "no-store"u8);
        }

        byte[] plain = new byte[EndBytes + SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt64BigEndian(plain, (Now() + Options.Lifetime).ToUnixTimeMilliseconds());
        Bind(context, secret, plain.AsSpan(EndBytes));
        return Base64Url.EncodeToString(_protector.Protect(plain));
    }

    /// <summary>Whether a token belongs to a request's cookie and user and isn't too old; for tokens among the fields of a form.</summary>
    /// <param name="context">Of the request that carries it.</param>
    /// <param name="token">As it came; null is none.</param>
    public bool IsValid(HttpContext context, string? token)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (token is not { Length: > 0 and <= TokenCharactersMax } || !Base64Url.IsValid(token)
            || SecretOf(context, CookieName(context)) is not { } secret)
        {
            return false;
        }

        try
        {
            byte[] plain = _protector.Unprotect(Base64Url.DecodeFromChars(token));
            Span<byte> bound = stackalloc byte[SHA256.HashSizeInBytes];
            Bind(context, secret, bound);
            return plain.Length == EndBytes + SHA256.HashSizeInBytes
                && CryptographicOperations.FixedTimeEquals(plain.AsSpan(EndBytes), bound)
                && BinaryPrimitives.ReadInt64BigEndian(plain) > Now().ToUnixTimeMilliseconds();
        }
        catch (CryptographicException)
        {
            // Changed, or made with keys that are no longer there: as good as none.
            return false;
        }
    }

    private static DateTimeOffset Now() => EventLoop.Current.Clock.GetUtcNow();

    private static string? SecretOf(HttpContext context, string name) =>
        CookieReader.TryFind(context.Request.Headers, Encoding.UTF8.GetBytes(name), out ReadOnlySpan<byte> value)
        && value.Length == SecretCharacters && Base64Url.IsValid(value) ? Encoding.ASCII.GetString(value) : null;

    private string CookieName(HttpContext context) => context.Request.IsHttps ? "__Host-" + Options.CookieName : Options.CookieName;

    /// <summary>The secret has a fixed length, so that it and the user can't be told apart in two ways.</summary>
    private void Bind(HttpContext context, string secret, Span<byte> hash) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(secret + Options.UserId?.Invoke(context)), hash);
}
