namespace Gyre.Http.Fields;

/// <summary>What is known about the representation that a request is about.</summary>
internal readonly ref struct Validators
{
    /// <summary>Whether there is one; not before a PUT that creates it.</summary>
    internal bool Exists { get; init; }

    /// <summary>Its tag, or none.</summary>
    internal EntityTag Tag { get; init; }

    /// <summary>When it was last modified; fractions of a second don't count, as they aren't sent.</summary>
    internal DateTimeOffset? LastModified { get; init; }

    /// <summary>Whether there are others under the same name, which the date, unlike the tag, doesn't tell from this one.</summary>
    internal bool SharesDate { get; init; }
}
