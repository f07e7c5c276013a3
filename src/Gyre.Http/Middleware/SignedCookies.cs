using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Gyre.Http.Fields;
using Gyre.Http.Protocol;
using Microsoft.AspNetCore.DataProtection;

namespace Gyre.Http;

/// <summary>
/// Cookies that the client can neither read nor change nor keep beyond their time: value and end are encrypted and authenticated by
/// ASP.NET Core's data protection, for the cookie's name alone.
/// </summary>
/// <remarks>
/// Safe from any thread, as the provider is. The provider's keys must be kept, and shared by all processes that serve the host, or
/// cookies don't outlive a restart. A cookie can be sent again while its time lasts: whoever must take one back keeps a list.
/// </remarks>
[DebuggerDisplay("{_protectors.Count} names")]
public sealed class SignedCookies
{
    private const string Purpose = "Gyre.Http.SignedCookies.v1";
    private const int EndBytes = sizeof(long);

    /// <summary>Cookies of one name that are tried: another host of the domain may set one beside ours.</summary>
    private const int CandidatesMax = 4;

    private readonly IDataProtectionProvider _provider;
    private readonly ConcurrentDictionary<string, IDataProtector> _protectors = new(StringComparer.Ordinal);

    /// <summary>Uses the keys of a provider.</summary>
    /// <param name="provider">Asked for a protector for each name of a cookie.</param>
    public SignedCookies(IDataProtectionProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        _provider = provider;
    }

    /// <summary>Adds a cookie to a response.</summary>
    /// <param name="context">Whose response; the end is reckoned by its loop's clock.</param>
    /// <param name="name">A token, from the program's own text: a protector is kept for each.</param>
    /// <param name="value">Any text, some 2,800 bytes of UTF-8 at the most: what browsers keep, less the coding.</param>
    /// <param name="lifetime">Positive; to the millisecond.</param>
    /// <param name="options">Null for the defaults, with <see cref="CookieOptions.MaxAge"/> as the lifetime.</param>
    /// <exception cref="ArgumentOutOfRangeException">The lifetime isn't positive.</exception>
    /// <exception cref="ArgumentException">Something a browser would drop; the message says what would be right.</exception>
    public void Append(HttpContext context, string name, string value, TimeSpan lifetime, CookieOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lifetime, TimeSpan.Zero);
        byte[] plain = new byte[EndBytes + Encoding.UTF8.GetByteCount(value)];
        long now = Now();
        long end = lifetime.TotalMilliseconds < long.MaxValue - now ? now + (long)lifetime.TotalMilliseconds : long.MaxValue;
        BinaryPrimitives.WriteInt64BigEndian(plain, end);
        Encoding.UTF8.GetBytes(value, plain.AsSpan(EndBytes));
        string text = Base64Url.EncodeToString(ProtectorOf(name).Protect(plain));
        CookieWriter.Append(
            context.Response.Headers, name, text, options ?? CookieOptions.Default with { MaxAge = lifetime }, context.Request.IsHttps);
    }

    /// <summary>Finds the value of a cookie that <see cref="Append"/> made and whose time hasn't passed.</summary>
    /// <param name="context">Whose request.</param>
    /// <param name="name">The name that it was made for.</param>
    /// <param name="value">Null when there is none.</param>
    /// <returns>False also for what was changed, made for another name or with other keys, or is too old: who sent it learns no more.</returns>
    public bool TryRead(HttpContext context, string name, [NotNullWhen(true)] out string? value)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(name);
        byte[] wanted = Encoding.UTF8.GetBytes(name);
        CookieReader reader = new(context.Request.Headers);
        for (int candidates = 0; candidates < CandidatesMax && reader.MoveNext();)
        {
            if (!reader.Name.SequenceEqual(wanted))
            {
                continue;
            }

            candidates++;
            if (TryOpen(ProtectorOf(name), reader.Value, out value))
            {
                return true;
            }
        }

        value = null;
        return false;
    }

    /// <summary>Makes the browser forget a cookie; path and domain must be those that it was set with.</summary>
    /// <param name="context">Whose response.</param>
    /// <param name="name">The cookie.</param>
    /// <param name="options">Null for the defaults.</param>
    public void Delete(HttpContext context, string name, CookieOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(name);
        CookieWriter.AppendDeletion(context.Response.Headers, name, options ?? CookieOptions.Default, context.Request.IsHttps);
    }

    private static bool TryOpen(IDataProtector protector, ReadOnlySpan<byte> text, [NotNullWhen(true)] out string? value)
    {
        value = null;
        if (text.IsEmpty || !Base64Url.IsValid(text))
        {
            return false;
        }

        try
        {
            byte[] plain = protector.Unprotect(Base64Url.DecodeFromUtf8(text));
            if (plain.Length < EndBytes || BinaryPrimitives.ReadInt64BigEndian(plain) <= Now())
            {
                return false;
            }

            value = Encoding.UTF8.GetString(plain.AsSpan(EndBytes));
            return true;
        }
        catch (CryptographicException)
        {
            // Changed, or made with keys that are no longer there: as good as none.
            return false;
        }
    }

    private static long Now() => EventLoop.Current.Clock.GetUtcNow().ToUnixTimeMilliseconds();

    private IDataProtector ProtectorOf(string name) =>
        _protectors.GetOrAdd(name, static (name, provider) => provider.CreateProtector(Purpose, name), _provider);
}
