namespace Gyre.Http.Fields;

/// <summary>What the preconditions of a request demand.</summary>
internal enum PreconditionOutcome : byte
{
    /// <summary>Do what the request asks.</summary>
    Proceed,

    /// <summary>Answer 304 with the validators and without a body.</summary>
    NotModified,

    /// <summary>Answer 412 and change nothing.</summary>
    PreconditionFailed,
}
