using System.Globalization;
using System.Text;
using CsCheck;
using Gyre.Http.Fields;

namespace Gyre.Http.Tests.Fields;

public sealed class HttpDateTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<DateTimeOffset> s_date =
        Gen.Long[0, DateTime.MaxValue.Ticks / TimeSpan.TicksPerSecond]
            .Select(seconds => new DateTimeOffset(seconds * TimeSpan.TicksPerSecond, TimeSpan.Zero));

    [Theory]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z")]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z")]
    [InlineData("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37Z")]
    [InlineData("Wed Nov 16 08:49:37 1994", "1994-11-16T08:49:37Z")]
    [InlineData("Thu, 29 Feb 2024 00:00:00 GMT", "2024-02-29T00:00:00Z")]
    [InlineData("Tue, 31 Dec 2024 23:59:60 GMT", "2024-12-31T23:59:59Z")]
    [InlineData("Friday, 31-Dec-99 23:59:59 GMT", "1999-12-31T23:59:59Z")]
    [InlineData("Friday, 27-Nov-76 12:00:00 GMT", "2076-11-27T12:00:00Z")]
    [InlineData("Saturday, 27-Nov-76 12:00:01 GMT", "1976-11-27T12:00:01Z")]
    [InlineData("Saturday, 01-Jan-77 00:00:00 GMT", "1977-01-01T00:00:00Z")]
    [InlineData("Mon, 01 Jan 0001 00:00:00 GMT", "0001-01-01T00:00:00Z")]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59Z")]
    public void A_date_is_read(string text, string expected)
    {
        Assert.True(HttpDate.TryParse(Lines.Bytes(text), s_now, out DateTimeOffset date));
        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), date);
        Assert.Equal(TimeSpan.Zero, date.Offset);
    }

    [Fact]
    public void Two_digits_reach_over_the_turn_of_a_century()
    {
        DateTimeOffset before = new(2080, 6, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.True(HttpDate.TryParse("Wednesday, 01-Jan-10 00:00:00 GMT"u8, before, out DateTimeOffset date));
        Assert.Equal(2110, date.Year);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 UTC")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 gmt")]
    [InlineData("sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 anF 1994 08:49:37 GMT")]
    [InlineData("Mon, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 6 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 00 Nov 1994 08:49:37 GMT")]
    [InlineData("Thu, 31 Nov 1994 08:49:37 GMT")]
    [InlineData("Wed, 29 Feb 2023 00:00:00 GMT")]
    [InlineData("Sun, 06 Nov 1994 24:00:00 GMT")]
    [InlineData("Sun, 06 Nov 1994 08:60:00 GMT")]
    [InlineData("Sun, 06 Nov 1994 08:49:61 GMT")]
    [InlineData("Sun, 06 Nov 0000 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT ")]
    [InlineData("Sun, 06 Nov 1994 08:49:37")]
    [InlineData("Sun, 06 Nov 1994 08-49-37 GMT")]
    [InlineData("Sun, 06 Nov -994 08:49:37 GMT")]
    [InlineData("Sun, 06-Nov-94 08:49:37 GMT")]
    [InlineData("Sunday, 06 Nov 94 08:49:37 GMT")]
    [InlineData("Monday, 06-Nov-94 08:49:37 GMT")]
    [InlineData("Sun Nov 06 08:49:37 94")]
    [InlineData("Mon Nov  6 08:49:37 1994")]
    [InlineData("Sun Nov 6  08:49:37 1994")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("1994-11-06T08:49:37Z")]
    public void What_is_no_date_is_refused(string text) =>
        Assert.False(HttpDate.TryParse(Lines.Bytes(text), s_now, out _));

    [Fact]
    public void A_date_survives_being_written_in_each_form() =>
        s_date.Sample(
            date =>
            {
                Span<byte> bytes = stackalloc byte[HttpDate.FixdateLength];
                Assert.Equal(HttpDate.FixdateLength, HttpDate.Format(date, bytes));
                Assert.Equal(date.ToString("R", CultureInfo.InvariantCulture), Encoding.ASCII.GetString(bytes));
                AssertReads(date, Encoding.ASCII.GetString(bytes));
                string day = date.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2);
                AssertReads(date, date.ToString("ddd MMM ", CultureInfo.InvariantCulture) + day
                    + date.ToString(" HH:mm:ss yyyy", CultureInfo.InvariantCulture));
                DateTimeOffset near = date.AddYears(1990 + (date.Year % 80) - date.Year);
                AssertReads(near, near.ToString("dddd, dd-MMM-yy HH:mm:ss 'GMT'", CultureInfo.InvariantCulture));
            },
            iter: 5000);

    [Fact]
    public void Another_offset_is_written_in_gmt_and_fractions_are_dropped()
    {
        byte[] bytes = new byte[HttpDate.FixdateLength];
        DateTimeOffset date = new(new DateTime(1994, 11, 6, 10, 49, 37, 999, DateTimeKind.Unspecified), TimeSpan.FromHours(2));
        HttpDate.Format(date, bytes);
        Assert.Equal("Sun, 06 Nov 1994 08:49:37 GMT", Encoding.ASCII.GetString(bytes));
        Assert.Equal(date.AddMilliseconds(-999), HttpDate.TruncateToSecond(date));
    }

    [Fact]
    public void A_damaged_date_never_throws_and_never_differs_from_the_frameworks_reading() =>
        Gen.Select(s_date, Gen.Int[0, 28], Gen.Byte).Sample(
            (date, at, damage) =>
            {
                byte[] bytes = new byte[HttpDate.FixdateLength];
                HttpDate.Format(date, bytes);
                bytes[at] = damage;
                string text = Lines.Text(bytes);
                if (HttpDate.TryParse(bytes, s_now, out DateTimeOffset read) && !text.Contains(":60 ", StringComparison.Ordinal))
                {
                    Assert.Equal(DateTimeOffset.ParseExact(text, "R", CultureInfo.InvariantCulture), read);
                }
            },
            iter: 20_000);

    private static void AssertReads(DateTimeOffset expected, string text)
    {
        Assert.True(HttpDate.TryParse(Encoding.ASCII.GetBytes(text), s_now, out DateTimeOffset date), text);
        Assert.Equal(expected, date);
    }
}
