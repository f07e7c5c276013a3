using Gyre.Http.Fields;
using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Fields;

/// <summary>The current representation has the tag "a" and is of 08:49:37 and a half; the present is an hour later.</summary>
public sealed class PreconditionsTests
{
    private const string Before = "Sun, 06 Nov 1994 08:49:36 GMT";
    private const string Same = "Sun, 06 Nov 1994 08:49:37 GMT";
    private const string After = "Sun, 06 Nov 1994 08:49:38 GMT";

    private static readonly DateTimeOffset s_modified =
        new DateTimeOffset(1994, 11, 6, 8, 49, 37, TimeSpan.Zero).AddMilliseconds(500);

    public static TheoryData<string, string, string> Cases => new()
    {
        { "Get", "", "Proceed" },
        { "Get", "If-Match: \"a\"", "Proceed" },
        { "Get", "If-Match: *", "Proceed" },
        { "Get", "If-Match: \"b\"", "PreconditionFailed" },
        { "Put", "If-Match: \"b\"", "PreconditionFailed" },
        { "Put", "If-Match: W/\"a\"", "PreconditionFailed" },
        { "Put", "If-Match: a", "PreconditionFailed" },
        { "Put", "If-Match: \"b\"|If-Match: \"a\"", "Proceed" },
        { "Put", $"If-Match: \"a\"|If-Unmodified-Since: {Before}", "Proceed" },
        { "Put", $"If-Unmodified-Since: {Before}", "PreconditionFailed" },
        { "Put", $"If-Unmodified-Since: {Same}", "Proceed" },
        { "Put", $"If-Unmodified-Since: {After}", "Proceed" },
        { "Get", $"If-Unmodified-Since: {Before}", "PreconditionFailed" },
        { "Put", "If-Unmodified-Since: yesterday", "Proceed" },
        { "Put", $"If-Unmodified-Since: {Before}|If-Unmodified-Since: {Before}", "Proceed" },
        { "Get", "If-None-Match: \"a\"", "NotModified" },
        { "Head", "If-None-Match: \"a\"", "NotModified" },
        { "Get", "If-None-Match: W/\"a\"", "NotModified" },
        { "Get", "If-None-Match: *", "NotModified" },
        { "Get", "If-None-Match: \"b\"", "Proceed" },
        { "Get", "If-None-Match: b", "Proceed" },
        { "Put", "If-None-Match: b", "PreconditionFailed" },
        { "Put", "If-None-Match: *", "PreconditionFailed" },
        { "Delete", "If-None-Match: \"a\"", "PreconditionFailed" },
        { "Put", "If-None-Match: \"b\"", "Proceed" },
        { "Get", $"If-None-Match: \"b\"|If-Modified-Since: {Same}", "Proceed" },
        { "Get", $"If-None-Match: \"a\"|If-Modified-Since: {Before}", "NotModified" },
        { "Get", $"If-Modified-Since: {Before}", "Proceed" },
        { "Get", $"If-Modified-Since: {Same}", "NotModified" },
        { "Get", $"If-Modified-Since: {After}", "NotModified" },
        { "Head", $"If-Modified-Since: {Same}", "NotModified" },
        { "Post", $"If-Modified-Since: {Same}", "Proceed" },
        { "Get", "If-Modified-Since: 1", "Proceed" },
        { "Get", $"If-Modified-Since: {Same}|If-Modified-Since: {Same}", "Proceed" },
        { "Get", "If-Match: \"a\"|If-None-Match: \"a\"", "NotModified" },
        { "Get", "If-Match: \"b\"|If-None-Match: \"a\"", "PreconditionFailed" },
        { "Options", "If-Match: \"b\"", "Proceed" },
        { "Get", "Range: bytes=0-", "Proceed range" },
        { "Head", "Range: bytes=0-", "Proceed" },
        { "Post", "Range: bytes=0-", "Proceed" },
        { "Get", "Range: bytes=0-|Range: bytes=0-", "Proceed" },
        { "Get", "Range: bytes=0-|If-None-Match: \"a\"", "NotModified" },
        { "Get", "Range: bytes=0-|If-Range: \"a\"", "Proceed range" },
        { "Get", "Range: bytes=0-|If-Range: \"b\"", "Proceed" },
        { "Get", "Range: bytes=0-|If-Range: W/\"a\"", "Proceed" },
        { "Get", "Range: bytes=0-|If-Range: a", "Proceed" },
        { "Get", "Range: bytes=0-|If-Range: \"a\"|If-Range: \"a\"", "Proceed" },
        { "Get", $"Range: bytes=0-|If-Range: {Same}", "Proceed range" },
        { "Get", $"Range: bytes=0-|If-Range: {Before}", "Proceed" },
        { "Get", $"Range: bytes=0-|If-Range: {After}", "Proceed" },
        { "Get", "If-Range: \"a\"", "Proceed" },
    };

    public static TheoryData<string, string, string> CasesWithoutRepresentation => new()
    {
        { "Put", "If-Match: *", "PreconditionFailed" },
        { "Put", "If-Match: \"a\"", "PreconditionFailed" },
        { "Put", "If-None-Match: *", "Proceed" },
        { "Put", "If-None-Match: \"a\"", "Proceed" },
        { "Put", $"If-Unmodified-Since: {Before}", "Proceed" },
        { "Get", $"If-Modified-Since: {Before}", "Proceed" },
        { "Get", "Range: bytes=0-", "Proceed" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_representation_is_held_against_the_headers(string method, string lines, string expected)
    {
        Assert.True(EntityTag.TryParse("\"a\""u8, out EntityTag tag));
        Validators current = new() { Exists = true, Tag = tag, LastModified = s_modified };
        Assert.Equal(expected, Evaluate(method, lines, current, s_modified.AddHours(1)));
    }

    [Theory]
    [MemberData(nameof(CasesWithoutRepresentation))]
    public void Without_a_representation(string method, string lines, string expected) =>
        Assert.Equal(expected, Evaluate(method, lines, default, s_modified.AddHours(1)));

    [Fact]
    public void Without_a_date_or_tag_the_conditions_on_it_are_not_met_or_ignored()
    {
        Validators current = new() { Exists = true };
        Assert.Equal("PreconditionFailed", Evaluate("Put", "If-Match: \"a\"", current, s_modified));
        Assert.Equal("Proceed", Evaluate("Put", $"If-Unmodified-Since: {Before}", current, s_modified));
        Assert.Equal("Proceed", Evaluate("Get", $"If-Modified-Since: {After}", current, s_modified));
        Assert.Equal("Proceed", Evaluate("Get", $"Range: bytes=0-|If-Range: {Same}", current, s_modified));
        Assert.Equal("Proceed", Evaluate("Get", "Range: bytes=0-|If-Range: \"a\"", current, s_modified));
    }

    [Fact]
    public void A_date_within_its_own_second_is_too_weak_for_a_range()
    {
        Validators current = new() { Exists = true, LastModified = s_modified };
        string lines = $"Range: bytes=0-|If-Range: {Same}";
        Assert.Equal("Proceed", Evaluate("Get", lines, current, s_modified));
        Assert.Equal("Proceed", Evaluate("Get", lines, current, s_modified.AddMilliseconds(499)));
        Assert.Equal("Proceed range", Evaluate("Get", lines, current, s_modified.AddMilliseconds(500)));
    }

    private static string Evaluate(string method, string lines, Validators current, DateTimeOffset now)
    {
        (string, string)[] split =
            [.. lines.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(line => (line.Split(": ")[0], line.Split(": ")[1]))];
        PreconditionResult result = Preconditions.Evaluate(Lines.Of(split), Enum.Parse<RequestMethod>(method), current, now);
        return result.Outcome + (result.RangeApplies ? " range" : "");
    }
}
