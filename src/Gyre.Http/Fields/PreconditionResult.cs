namespace Gyre.Http.Fields;

/// <param name="Outcome">Whether to go on.</param>
/// <param name="RangeApplies">Whether a single <c>Range</c> line is there and is to be read: GET, proceeding, and no <c>If-Range</c> against it.</param>
internal readonly record struct PreconditionResult(PreconditionOutcome Outcome, bool RangeApplies);
