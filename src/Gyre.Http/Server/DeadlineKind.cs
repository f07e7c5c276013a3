namespace Gyre.Http.Server;

/// <summary>Which deadline the reading side of a connection is under; the writing side has its own.</summary>
internal enum DeadlineKind : byte
{
    /// <summary>None: a handler works, or a response is on its way.</summary>
    None,

    /// <summary>Silence between requests; ends the connection without a word.</summary>
    KeepAlive,

    /// <summary>A head that began must end; answered with 408.</summary>
    Header,

    /// <summary>Body bytes must come at a rate; the read of the handler fails.</summary>
    Body,

    /// <summary>The peer must close; ends the connection with a reset.</summary>
    Linger,
}
