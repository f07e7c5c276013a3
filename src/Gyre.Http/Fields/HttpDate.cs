using System.Buffers;
using System.Diagnostics;
using System.Globalization;

namespace Gyre.Http.Fields;

/// <summary>
/// <c>HTTP-date</c>, RFC 9110 section 5.6.7: the one form that is sent, and the three that are accepted. Accepted is the
/// letter of the grammar, upper and lower case included; a date that doesn't exist, or whose day of the week belongs to
/// another date, is none. A leap second is taken for the second before it, since no .NET type can hold it.
/// </summary>
internal static class HttpDate
{
    /// <summary>The length of an IMF-fixdate in bytes.</summary>
    internal const int FixdateLength = 29;

    private const int AsctimeLength = 24;
    private const int YearsAheadMax = 50;

    private static readonly string[] s_days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

    /// <summary>Reads a date in any of the three forms.</summary>
    /// <param name="value">Without white space around it.</param>
    /// <param name="now">The present: the RFC 850 form has two digits for the year, which mean no date more than 50 years ahead.</param>
    /// <param name="date">In UTC, with a grain of one second.</param>
    /// <returns>Whether it is a date; nothing is thrown.</returns>
    internal static bool TryParse(ReadOnlySpan<byte> value, DateTimeOffset now, out DateTimeOffset date)
    {
        date = default;
        return value.Length switch
        {
            FixdateLength when value[3] == (byte)',' => TryParseFixdate(value, out date),
            AsctimeLength => TryParseAsctime(value, out date),
            _ => TryParseRfc850(value, now, out date),
        };
    }

    /// <summary>Writes an IMF-fixdate; fractions of a second are dropped.</summary>
    /// <param name="date">Of any offset; written in GMT.</param>
    /// <param name="destination">At least <see cref="FixdateLength"/> bytes.</param>
    /// <returns><see cref="FixdateLength"/>.</returns>
    internal static int Format(DateTimeOffset date, Span<byte> destination)
    {
        bool fits = date.TryFormat(destination, out int written, "R", CultureInfo.InvariantCulture);
        Debug.Assert(fits && written == FixdateLength, "The destination holds an IMF-fixdate.");
        return written;
    }

    /// <summary>Drops what an HTTP date can't say, so that a file's time equals the one sent for it.</summary>
    internal static DateTimeOffset TruncateToSecond(DateTimeOffset date) => date.AddTicks(-(date.UtcTicks % TimeSpan.TicksPerSecond));

    // Sun, 06 Nov 1994 08:49:37 GMT
    private static bool TryParseFixdate(ReadOnlySpan<byte> value, out DateTimeOffset date)
    {
        date = default;
        return DayOfShortName(value[..3]) is >= 0 and int dayOfWeek
            && value[3..5].SequenceEqual(", "u8) && value[7] == (byte)' ' && value[11] == (byte)' ' && value[16] == (byte)' '
            && value[25..].SequenceEqual(" GMT"u8)
            && TryDigits(value.Slice(5, 2), out int day)
            && Month(value.Slice(8, 3)) is > 0 and int month
            && TryDigits(value.Slice(12, 4), out int year)
            && TryTime(value.Slice(17, 8), out int secondOfDay)
            && TryMake(year, month, day, secondOfDay, out date)
            && (int)date.DayOfWeek == dayOfWeek;
    }

    // Sunday, 06-Nov-94 08:49:37 GMT
    private static bool TryParseRfc850(ReadOnlySpan<byte> value, DateTimeOffset now, out DateTimeOffset date)
    {
        date = default;
        int comma = value.IndexOf((byte)',');
        if (comma < 0 || value.Length != comma + 24)
        {
            return false;
        }

        int dayOfWeek = DayOfName(value[..comma]);
        ReadOnlySpan<byte> rest = value[comma..];
        return dayOfWeek >= 0
            && rest[..2].SequenceEqual(", "u8) && rest[4] == (byte)'-' && rest[8] == (byte)'-' && rest[11] == (byte)' '
            && rest[20..].SequenceEqual(" GMT"u8)
            && TryDigits(rest.Slice(2, 2), out int day)
            && Month(rest.Slice(5, 3)) is > 0 and int month
            && TryDigits(rest.Slice(9, 2), out int yearOfCentury)
            && TryTime(rest.Slice(12, 8), out int secondOfDay)
            && TryMakeWithin(now, yearOfCentury, month, day, secondOfDay, out date)
            && (int)date.DayOfWeek == dayOfWeek;
    }

    // Sun Nov  6 08:49:37 1994
    private static bool TryParseAsctime(ReadOnlySpan<byte> value, out DateTimeOffset date)
    {
        date = default;
        bool isDayPadded = value[8] == (byte)' ';
        return DayOfShortName(value[..3]) is >= 0 and int dayOfWeek
            && value[3] == (byte)' ' && value[7] == (byte)' ' && value[10] == (byte)' ' && value[19] == (byte)' '
            && Month(value.Slice(4, 3)) is > 0 and int month
            && TryDigits(isDayPadded ? value.Slice(9, 1) : value.Slice(8, 2), out int day)
            && TryTime(value.Slice(11, 8), out int secondOfDay)
            && TryDigits(value.Slice(20, 4), out int year)
            && TryMake(year, month, day, secondOfDay, out date)
            && (int)date.DayOfWeek == dayOfWeek;
    }

    // RFC 9110 section 5.6.7: more than 50 years ahead means the most recent past year with the same two digits. The same
    // rule near the end of a century reads a small number as the beginning of the next one.
    private static bool TryMakeWithin(
        DateTimeOffset now, int yearOfCentury, int month, int day, int secondOfDay, out DateTimeOffset date)
    {
        int latest = Math.Min(now.UtcDateTime.Year + YearsAheadMax, DateTime.MaxValue.Year);
        int year = latest - (latest % 100) + yearOfCentury;
        if (year > latest)
        {
            year -= 100;
        }

        if (TryMake(year, month, day, secondOfDay, out date) && (year < latest || date <= now.AddYears(YearsAheadMax)))
        {
            return true;
        }

        return year == latest && TryMake(year - 100, month, day, secondOfDay, out date);
    }

    private static bool TryMake(int year, int month, int day, int secondOfDay, out DateTimeOffset date)
    {
        date = default;
        if (year < 1 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        date = new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero).AddSeconds(secondOfDay);
        return true;
    }

    // hh:mm:ss, 60 for a leap second.
    private static bool TryTime(ReadOnlySpan<byte> value, out int secondOfDay)
    {
        secondOfDay = 0;
        if (value[2] != (byte)':' || value[5] != (byte)':' || !TryDigits(value[..2], out int hour)
            || !TryDigits(value.Slice(3, 2), out int minute) || !TryDigits(value.Slice(6, 2), out int second)
            || hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        secondOfDay = (((hour * 60) + minute) * 60) + Math.Min(second, 59);
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> value, out int number)
    {
        number = 0;
        foreach (byte digit in value)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            number = (number * 10) + (digit - '0');
        }

        return true;
    }

    private static int DayOfShortName(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < s_days.Length; i++)
        {
            if (System.Text.Ascii.Equals(name, s_days[i].AsSpan(0, 3)))
            {
                return i;
            }
        }

        return -1;
    }

    private static int DayOfName(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < s_days.Length; i++)
        {
            if (System.Text.Ascii.Equals(name, s_days[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private static int Month(ReadOnlySpan<byte> name)
    {
        int at = "JanFebMarAprMayJunJulAugSepOctNovDec"u8.IndexOf(name);
        return at >= 0 && at % 3 == 0 ? (at / 3) + 1 : 0;
    }
}
