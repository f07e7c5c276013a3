using Gyre.Http.Fields;

namespace Gyre.Http;

/// <summary>Header fields that take more than a value.</summary>
public sealed partial class HttpResponse
{
    /// <summary>
    /// Adds a <c>Set-Cookie</c> line (RFC 6265). By default the cookie lasts as long as the browser's session, for the whole host, out of
    /// reach of scripts (<c>HttpOnly</c>), not sent with forms of other sites (<c>SameSite=Lax</c>), and <c>Secure</c> if the request
    /// came over https.
    /// </summary>
    /// <param name="name">A token. <c>__Host-</c> and <c>__Secure-</c> in front demand what browsers demand of them.</param>
    /// <param name="value">Visible ASCII without quote, comma, semicolon, backslash; encode anything else, with <c>Base64Url</c> say.</param>
    /// <param name="options">The attributes.</param>
    /// <exception cref="ArgumentException">Something that a browser would drop or read otherwise; the message says what would be right.</exception>
    /// <exception cref="InvalidOperationException">The head was sent already.</exception>
    public void SetCookie(string name, string value, CookieOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        VerifyNotStarted();
        CookieWriter.Append(Headers, name, value, options ?? CookieOptions.Default, _context.Request.IsHttps);
    }

    /// <summary>Adds a <c>Set-Cookie</c> line that makes the browser forget a cookie.</summary>
    /// <param name="name">A token.</param>
    /// <param name="options">With the path, domain and partition that it was set with; a browser keeps any other.</param>
    /// <inheritdoc cref="SetCookie" path="/exception"/>
    public void DeleteCookie(string name, CookieOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        VerifyNotStarted();
        CookieWriter.AppendDeletion(Headers, name, options ?? CookieOptions.Default, _context.Request.IsHttps);
    }
}
