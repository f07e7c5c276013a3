namespace Gyre.Http.Server;

/// <summary>Which deadline a connection is under.</summary>
internal enum DeadlineKind : byte
{
    /// <summary>None: a handler works.</summary>
    None,

    /// <summary>Silence between requests; ends the connection without a word.</summary>
    KeepAlive,

    /// <summary>A head that began must end; answered with 408.</summary>
    Header,

    /// <summary>Body bytes must come; the read of the handler fails.</summary>
    BodyRead,

    /// <summary>The peer must take the response; ends the connection with a reset.</summary>
    Write,

    /// <summary>The peer must close; ends the connection with a reset.</summary>
    Linger,
}
