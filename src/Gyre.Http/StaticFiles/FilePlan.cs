using Gyre.Http.Fields;
using Gyre.Http.Protocol;

namespace Gyre.Http.StaticFiles;

/// <summary>What a request for a file comes to.</summary>
/// <param name="Outcome">Which kind of answer.</param>
/// <param name="Part">What is sent; of <see cref="FileAnswer.Parts"/> meaningless.</param>
/// <param name="Parts">What is sent, two or more; else null.</param>
internal readonly record struct FilePlan(FileAnswer Outcome, ByteRange Part, ByteRange[]? Parts)
{
    private static readonly ulong s_conditions =
        FieldSection.Bit(KnownHeader.IfMatch) | FieldSection.Bit(KnownHeader.IfNoneMatch) |
        FieldSection.Bit(KnownHeader.IfModifiedSince) | FieldSection.Bit(KnownHeader.IfUnmodifiedSince) |
        FieldSection.Bit(KnownHeader.Range);

    public bool HasContent => Outcome is FileAnswer.Whole or FileAnswer.Part or FileAnswer.Parts;

    /// <summary>Evaluates conditions and ranges; allocates only for several parts.</summary>
    public static FilePlan Make(HttpContext context, FileRecord record, FileVariant variant, int rangesMax)
    {
        RequestHead head = context.Request.Head;
        FieldSection headers = head.Headers;
        var whole = new FilePlan(FileAnswer.Whole, new ByteRange(0, variant.Stat.Length), null);
        if (!headers.ContainsAny(s_conditions) || context.Response.StatusCode != 200 || head.Method is not (RequestMethod.Get or RequestMethod.Head))
        {
            return whole;
        }

        EntityTag.TryParse(variant.Tag, out EntityTag tag);
        var current = new Validators
        {
            Exists = true,
            Tag = tag,
            LastModified = variant.LastModified.IsEmpty ? null : variant.Stat.LastWriteTime,
            SharesDate = !record.Siblings.IsEmpty,
        };
        DateTimeOffset now = context.Response.Connection.Tcp.Loop.Clock.GetUtcNow();
        PreconditionResult conditions = Preconditions.Evaluate(headers, head.Method, current, now);
        return conditions.Outcome switch
        {
            PreconditionOutcome.NotModified => whole with { Outcome = FileAnswer.NotModified },
            PreconditionOutcome.PreconditionFailed => whole with { Outcome = FileAnswer.ConditionFailed },
            _ => conditions.RangeApplies ? ReadRange(headers, whole, rangesMax) : whole,
        };
    }

    private static FilePlan ReadRange(FieldSection headers, FilePlan whole, int rangesMax)
    {
        headers.TryGetValue(KnownHeader.Range, out ReadOnlySpan<byte> value);
        Span<ByteRange> parts = stackalloc ByteRange[rangesMax];
        return RangeHeader.Read(value, whole.Part.Length, parts, out int count) switch
        {
            RangeOutcome.Unsatisfiable => whole with { Outcome = FileAnswer.Unsatisfiable },

            // RFC 9110 section 15.3.7.2: what was joined to one part may be sent as one.
            RangeOutcome.Parts when count == 1 => new FilePlan(FileAnswer.Part, parts[0], null),
            RangeOutcome.Parts => new FilePlan(FileAnswer.Parts, default, parts[..count].ToArray()),
            _ => whole,
        };
    }
}
