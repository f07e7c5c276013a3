namespace Gyre.Http.Fuzz.References;

/// <summary>The differences between Kestrel's parser and our reader that are known; README.md in this project argues each.</summary>
internal static class KestrelDifferences
{
    /// <summary>Reasons of Kestrel's parser for refusing what our reader accepts.</summary>
    internal static readonly HashSet<string> WeAcceptAlone = [];

    /// <summary>Faults that our reader names in what Kestrel's parser accepts.</summary>
    internal static readonly HashSet<string> WeRefuseAlone = new(StringComparer.Ordinal)
    {
        "RequestLineMalformed", "BareLineFeed", "BareCarriageReturn", "TargetInvalid", "TargetFragment", "TargetFormMismatch",
        "TargetAuthorityInvalid",
        "MethodTooLong", "HeaderNameInvalid", "HeaderValueInvalid", "HeadersTooMany", "HostMissing", "HostRepeated", "HostInvalid", "HostMismatch",
        "ContentLengthInvalid", "ContentLengthOverflow", "ContentLengthRepeated", "TransferEncodingInvalid", "TransferEncodingUnsupported",
        "TransferEncodingRepeated", "TransferEncodingWithContentLength", "TransferEncodingOnHttp10", "ContentNotAllowed",
        "ConnectionInvalid", "ExpectationUnknown",
    };
}
