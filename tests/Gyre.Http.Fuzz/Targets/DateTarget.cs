using System.Globalization;
using System.Text;
using Gyre.Http.Fields;
using Gyre.Http.Fuzz.Engine;

namespace Gyre.Http.Fuzz.Targets;

/// <summary>Dates in their three forms, against the BCL's exact parser.</summary>
internal sealed class DateTarget : FuzzTarget
{
    private const int AsctimeLength = 24;

    private static readonly DateTimeOffset s_now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    internal override string Name => "date";

    internal override int LengthMax => 64;

    internal override IReadOnlyList<string> Seeds =>
    [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Thu, 29 Feb 2024 23:59:60 GMT",
        "Friday, 31-Dec-99 23:59:59 GMT",
        "Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Wed Feb 28 00:00:00 2024",
    ];

    internal override IReadOnlyList<string> Words =>
    [
        "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Monday, ", "Jan", "Feb", "Dec", " GMT", "29 ", "31 ", "00", "60", "9999", "0001", "-76 ",
        "-77 ", ":", " ",
    ];

    internal override void Run(ReadOnlySpan<byte> input)
    {
        bool isDate = HttpDate.TryParse(input, s_now, out DateTimeOffset date);
        DateTimeOffset? expected = Reference(Encoding.Latin1.GetString(input));
        Verify.Same(expected, isDate ? date : null, "a date is read otherwise than by the reference");
        if (!isDate)
        {
            return;
        }

        Span<byte> text = stackalloc byte[HttpDate.FixdateLength];
        Verify.Same(HttpDate.FixdateLength, HttpDate.Format(date, text), "a date has another length");
        Verify.That(HttpDate.TryParse(text, s_now, out DateTimeOffset again) && again == date, "a date doesn't come back");
    }

    private static DateTimeOffset? Reference(string text)
    {
        // A leap second stands for the one before.
        int leap = text.LastIndexOf(":60", StringComparison.Ordinal);
        bool isSecond = leap >= 0 && text.AsSpan(0, leap).Contains(':');
        string plain = !isSecond ? text : $"{text[..leap]}:59{text[(leap + 3)..]}";
        return Exact(plain, "ddd, dd MMM yyyy HH:mm:ss 'GMT'")
            ?? Exact(plain, "ddd MMM dd HH:mm:ss yyyy")
            ?? (plain.Length == AsctimeLength && plain[8] == ' ' ? Exact(plain, "ddd MMM  d HH:mm:ss yyyy") : null)
            ?? Century(plain);
    }

    private static DateTimeOffset? Century(string text)
    {
        int year = text.LastIndexOf('-') + 1;
        if (year <= 0 || year + 2 > text.Length || !text.AsSpan(year, 2).ContainsAnyInRange('0', '9'))
        {
            return null;
        }

        // At most fifty years ahead, and the latest of those.
        return new[] { "20", "19" }.Select(century => Exact(text.Insert(year, century), "dddd, dd-MMM-yyyy HH:mm:ss 'GMT'", checkDay: false))
            .FirstOrDefault(date => date <= s_now.AddYears(50)) is { } found
            && Exact(text.Insert(year, found.Year.ToString(CultureInfo.InvariantCulture)[..2]), "dddd, dd-MMM-yyyy HH:mm:ss 'GMT'") is { } exact ? exact : null;
    }

    // The letter of the grammar: it must be what the date is written as. Without the day, the day's name is put right first.
    private static DateTimeOffset? Exact(string text, string form, bool checkDay = true)
    {
        string right = text;
        if (!checkDay)
        {
            int comma = text.IndexOf(',', StringComparison.Ordinal);
            right = comma < 0 || comma + 2 > text.Length ? "" : text[(comma + 2)..];
            form = form[6..];
        }

        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTimeOffset.TryParseExact(right, form, CultureInfo.InvariantCulture, Utc, out DateTimeOffset date)
            && date.ToString(form, CultureInfo.InvariantCulture) == right ? date : null;
    }
}
