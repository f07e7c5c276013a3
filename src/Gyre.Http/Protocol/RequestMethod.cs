namespace Gyre.Http.Protocol;

/// <summary>
/// The methods that the reader knows by name. Methods are case-sensitive (RFC 9110 section 9.1): <c>get</c> is
/// <see cref="Other"/>.
/// </summary>
public enum RequestMethod : byte
{
    /// <summary>Any other token; <see cref="RequestHead.MethodSpan"/> has its text.</summary>
    Other,

    /// <summary>RFC 9110 section 9.3.1.</summary>
    Get,

    /// <summary>RFC 9110 section 9.3.2. Its response never has a body, whatever its headers say.</summary>
    Head,

    /// <summary>RFC 9110 section 9.3.3.</summary>
    Post,

    /// <summary>RFC 9110 section 9.3.4.</summary>
    Put,

    /// <summary>RFC 9110 section 9.3.5.</summary>
    Delete,

    /// <summary>RFC 9110 section 9.3.6. Takes an authority-form target only and never has a body.</summary>
    Connect,

    /// <summary>RFC 9110 section 9.3.7. The only method that may ask for <c>*</c>.</summary>
    Options,

    /// <summary>RFC 9110 section 9.3.8. Never has a body.</summary>
    Trace,

    /// <summary>RFC 5789.</summary>
    Patch,
}
