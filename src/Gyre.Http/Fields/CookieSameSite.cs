namespace Gyre.Http.Fields;

/// <summary>The <c>SameSite</c> attribute, RFC 6265bis section 5.6.7: with which requests from other sites a cookie is sent.</summary>
public enum CookieSameSite
{
    /// <summary>With links that lead here, not with forms, images or scripts of other sites. The default.</summary>
    Lax,

    /// <summary>With no request that another site caused; a link from there finds the user without the cookie.</summary>
    Strict,

    /// <summary>With every request. Needs <c>Secure</c>, and a defence of its own against forged requests.</summary>
    None,

    /// <summary>The attribute is left out; browsers differ in what they do then.</summary>
    Unspecified,
}
