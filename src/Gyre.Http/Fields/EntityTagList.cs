using Gyre.Http.Protocol;

namespace Gyre.Http.Fields;

/// <summary>
/// The values of <c>If-Match</c> and <c>If-None-Match</c>, RFC 9110 sections 13.1.1 and 13.1.2: <c>*</c>, or a list of
/// tags with empty elements ignored (section 5.6.1). Several lines are one list. One pass, nothing allocated.
/// </summary>
internal static class EntityTagList
{
    /// <summary>Looks for a tag in all lines of a header.</summary>
    /// <param name="headers">Of the request.</param>
    /// <param name="header">Which; it occurs.</param>
    /// <param name="tag">The tag to look for; none is never listed.</param>
    /// <param name="isStrong">Which comparison.</param>
    internal static EntityTagMatch Find(FieldSection headers, KnownHeader header, EntityTag tag, bool isStrong)
    {
        int index = headers.IndexOf(header);
        if (index >= 0 && !headers.IsRepeated(header))
        {
            return Find(headers.GetValue(index), tag, isStrong);
        }

        EntityTagMatch found = EntityTagMatch.None;
        for (; index >= 0; index = headers.NextIndexOf(header, index + 1))
        {
            EntityTagMatch inLine = Find(headers.GetValue(index), tag, isStrong);
            if (inLine is EntityTagMatch.Malformed or EntityTagMatch.Any)
            {
                return EntityTagMatch.Malformed;
            }

            found = inLine == EntityTagMatch.Listed ? inLine : found;
        }

        return found;
    }

    /// <summary>Looks for a tag in one value. The whole value is checked, also behind the tag.</summary>
    internal static EntityTagMatch Find(ReadOnlySpan<byte> value, EntityTag tag, bool isStrong)
    {
        ReadOnlySpan<byte> rest = ByteClasses.Trim(value);
        if (rest.SequenceEqual("*"u8))
        {
            return EntityTagMatch.Any;
        }

        bool isFound = false;
        bool isAny = false;
        while (SkipSeparators(ref rest))
        {
            if (!EntityTag.TryParseFirst(rest, out EntityTag listed, out int length))
            {
                return EntityTagMatch.Malformed;
            }

            isAny = true;
            isFound |= isStrong ? listed.StrongEquals(tag) : listed.WeakEquals(tag);
            rest = rest[length..].TrimStart(" \t"u8);
            if (rest.Length > 0 && rest[0] != (byte)',')
            {
                return EntityTagMatch.Malformed;
            }
        }

        return !isAny ? EntityTagMatch.Malformed : isFound ? EntityTagMatch.Listed : EntityTagMatch.None;
    }

    private static bool SkipSeparators(ref ReadOnlySpan<byte> rest)
    {
        rest = rest.TrimStart(", \t"u8);
        return rest.Length > 0;
    }
}
