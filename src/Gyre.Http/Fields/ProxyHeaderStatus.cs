namespace Gyre.Http.Fields;

/// <summary>How far the header of the PROXY protocol has come.</summary>
internal enum ProxyHeaderStatus : byte
{
    /// <summary>What there is may become one: call again with these bytes and more.</summary>
    NeedData,

    /// <summary>It is complete.</summary>
    Done,

    /// <summary>It isn't one, or is damaged: close the connection without an answer.</summary>
    Error,
}
