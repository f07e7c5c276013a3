using Gyre.Http.Protocol;

namespace Gyre.Http.Fields;

/// <summary>
/// The preconditions of a request in the order of RFC 9110 section 13.2.2. A list of tags that can't be read proves
/// nothing and is answered on the safe side: <c>If-Match</c> fails, <c>If-None-Match</c> gives a GET the whole content and
/// lets no other method through. A date that is none, or is repeated, is ignored, as sections 13.1.3 and 13.1.4 ask.
/// </summary>
internal static class Preconditions
{
    private static readonly ulong s_any =
        FieldSection.Bit(KnownHeader.IfMatch) | FieldSection.Bit(KnownHeader.IfNoneMatch) |
        FieldSection.Bit(KnownHeader.IfModifiedSince) | FieldSection.Bit(KnownHeader.IfUnmodifiedSince) |
        FieldSection.Bit(KnownHeader.Range);

    /// <summary>Evaluates all of them; allocates nothing.</summary>
    /// <param name="headers">Of the request.</param>
    /// <param name="method">CONNECT, OPTIONS and TRACE know no preconditions (section 13.2.1).</param>
    /// <param name="current">What the request would act on.</param>
    /// <param name="now">The present, for two-digit years and for how old <c>Last-Modified</c> is.</param>
    internal static PreconditionResult Evaluate(FieldSection headers, RequestMethod method, Validators current, DateTimeOffset now)
    {
        if (!headers.ContainsAny(s_any) || method is RequestMethod.Connect or RequestMethod.Options or RequestMethod.Trace)
        {
            return default;
        }

        if (!HoldsForChange(headers, current, now))
        {
            return new PreconditionResult(PreconditionOutcome.PreconditionFailed, RangeApplies: false);
        }

        bool isSafe = method is RequestMethod.Get or RequestMethod.Head;
        if (!HoldsForRead(headers, isSafe, current, now))
        {
            return new PreconditionResult(
                isSafe ? PreconditionOutcome.NotModified : PreconditionOutcome.PreconditionFailed, RangeApplies: false);
        }

        bool hasRange = method == RequestMethod.Get && current.Exists
            && headers.Contains(KnownHeader.Range) && !headers.IsRepeated(KnownHeader.Range);
        return new PreconditionResult(PreconditionOutcome.Proceed, hasRange && RangeHolds(headers, current, now));
    }

    // Steps 1 and 2: If-Match, or else If-Unmodified-Since.
    private static bool HoldsForChange(FieldSection headers, Validators current, DateTimeOffset now)
    {
        if (headers.Contains(KnownHeader.IfMatch))
        {
            return current.Exists && EntityTagList.Find(headers, KnownHeader.IfMatch, current.Tag, isStrong: true)
                is EntityTagMatch.Any or EntityTagMatch.Listed;
        }

        return !TryGetDate(headers, KnownHeader.IfUnmodifiedSince, now, out DateTimeOffset date)
            || current.LastModified is not DateTimeOffset modified
            || HttpDate.TruncateToSecond(modified) <= date;
    }

    // Steps 3 and 4: If-None-Match, or else If-Modified-Since of a safe method.
    private static bool HoldsForRead(FieldSection headers, bool isSafe, Validators current, DateTimeOffset now)
    {
        if (headers.Contains(KnownHeader.IfNoneMatch))
        {
            return EntityTagList.Find(headers, KnownHeader.IfNoneMatch, current.Tag, isStrong: false) switch
            {
                EntityTagMatch.Any => !current.Exists,
                EntityTagMatch.Listed => !current.Exists,
                EntityTagMatch.Malformed => isSafe,
                _ => true,
            };
        }

        return !isSafe
            || !TryGetDate(headers, KnownHeader.IfModifiedSince, now, out DateTimeOffset date)
            || current.LastModified is not DateTimeOffset modified
            || HttpDate.TruncateToSecond(modified) > date;
    }

    // Step 5, section 13.1.5: the strong tag, or exactly the date. A date is strong (section 8.8.2.2) only once its second
    // is over, since the file could still change within it, and only if it tells representations apart. What is neither is no reason to send a part.
    private static bool RangeHolds(FieldSection headers, Validators current, DateTimeOffset now)
    {
        if (!headers.TryGetValue(KnownHeader.IfRange, out ReadOnlySpan<byte> value))
        {
            return true;
        }

        if (headers.IsRepeated(KnownHeader.IfRange))
        {
            return false;
        }

        if (EntityTag.TryParse(value, out EntityTag tag))
        {
            return tag.StrongEquals(current.Tag);
        }

        return HttpDate.TryParse(value, now, out DateTimeOffset date)
            && !current.SharesDate
            && current.LastModified is DateTimeOffset modified
            && HttpDate.TruncateToSecond(modified) == date
            && now - date >= TimeSpan.FromSeconds(1);
    }

    private static bool TryGetDate(FieldSection headers, KnownHeader header, DateTimeOffset now, out DateTimeOffset date)
    {
        date = default;
        return headers.TryGetValue(header, out ReadOnlySpan<byte> value) && !headers.IsRepeated(header)
            && HttpDate.TryParse(value, now, out date);
    }
}
