namespace Gyre.Http.Protocol;

/// <summary>The four forms of a request target, RFC 9112 section 3.2. The reader checks the form against the method.</summary>
public enum TargetForm : byte
{
    /// <summary>A path with an optional query: <c>/where?q=now</c>.</summary>
    Origin,

    /// <summary>A whole <c>http</c> or <c>https</c> URI; its authority must agree with <c>Host</c>.</summary>
    Absolute,

    /// <summary><c>host:port</c>, with CONNECT only.</summary>
    Authority,

    /// <summary><c>*</c>, with OPTIONS only.</summary>
    Asterisk,
}
