using System.Text;
using Gyre.Http.Fields;
using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Fields;

public sealed class CookieWriterTests
{
    private static readonly CookieOptions s_bare = new() { Path = null, HttpOnly = false, SameSite = CookieSameSite.Unspecified };

    [Fact]
    public void The_defaults_are_a_session_cookie_for_the_host()
    {
        Assert.Equal("a=b; Path=/; HttpOnly; SameSite=Lax", Write("a", "b", CookieOptions.Default, isHttps: false));
        Assert.Equal("a=b; Path=/; Secure; HttpOnly; SameSite=Lax", Write("a", "b", CookieOptions.Default, isHttps: true));
    }

    [Fact]
    public void All_attributes_are_written()
    {
        CookieOptions options = new()
        {
            Path = "/x y",
            Domain = "example.org",
            Expires = new DateTimeOffset(1994, 11, 6, 9, 49, 37, TimeSpan.FromHours(1)),
            MaxAge = TimeSpan.FromSeconds(1.9),
            Secure = CookieSecure.Always,
            SameSite = CookieSameSite.None,
            Partitioned = true,
        };
        Assert.Equal(
            "a=b; Path=/x y; Domain=example.org; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Max-Age=1; Secure; HttpOnly; SameSite=None; Partitioned",
            Write("a", "b", options, isHttps: false));
        Assert.Equal("a=", Write("a", "", s_bare, isHttps: false));
        Assert.Equal("a=; SameSite=Strict", Write("a", "", s_bare with { SameSite = CookieSameSite.Strict }, isHttps: false));
        Assert.Equal("a=", Write("a", "", s_bare with { Secure = CookieSecure.Never }, isHttps: true));
        Assert.Equal("a=; Max-Age=922337203685", Write("a", "", s_bare with { MaxAge = TimeSpan.MaxValue }, isHttps: false));
    }

    [Fact]
    public void A_deletion_ends_it_twice_over_with_the_same_path()
    {
        ResponseHeaders headers = new();
        CookieWriter.AppendDeletion(headers, "a", s_bare with { Path = "/x" }, isHttps: false);
        Assert.Equal("Set-Cookie: a=; Path=/x; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0", headers[0].ToString());
    }

    [Fact]
    public void A_long_cookie_fits()
    {
        ResponseHeaders headers = new();
        CookieWriter.Append(headers, "a", new string('b', 4095), CookieOptions.Default, isHttps: false);
        Assert.StartsWith("a=bbb", Encoding.ASCII.GetString(headers[0].Value), StringComparison.Ordinal);
        AssertRefused("a", new string('b', 4096), CookieOptions.Default, "has 4097 bytes in name and value");
    }

    [Theory]
    [InlineData("", "The cookie name '' is not a token")]
    [InlineData("a b", "'a b' is not a token")]
    [InlineData("a=", "'a=' is not a token")]
    [InlineData("a\r\nx", "'aU+000DU+000Ax' is not a token")]
    [InlineData("\u00e9", "'U+00E9' is not a token")]
    public void A_bad_name_is_refused(string name, string expected) => AssertRefused(name, "b", CookieOptions.Default, expected);

    [Theory]
    [InlineData("a;b", "holds ';' at index 1")]
    [InlineData("\"a\"", "holds '\"' at index 0")]
    [InlineData("a,b", "holds ',' at index 1")]
    [InlineData("a b", "holds U+0020 at index 1")]
    [InlineData("a\\b", "holds '\\' at index 1")]
    [InlineData("a\n", "holds U+000A at index 1")]
    [InlineData("a\0", "holds U+0000 at index 1")]
    [InlineData("a\u0141", "holds U+0141 at index 1")]
    public void A_bad_value_is_refused(string value, string expected) => AssertRefused("a", value, CookieOptions.Default, expected);

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("/;")]
    [InlineData("/\r")]
    [InlineData("/\u00e9")]
    public void A_bad_path_is_refused(string path) =>
        AssertRefused("a", "b", CookieOptions.Default with { Path = path }, "must begin with '/'");

    [Theory]
    [InlineData("")]
    [InlineData(".example.org")]
    [InlineData("example.org.")]
    [InlineData("example.org; x")]
    [InlineData("ex\u00e4mple.org")]
    public void A_bad_domain_is_refused(string domain) =>
        AssertRefused("a", "b", CookieOptions.Default with { Domain = domain }, "must be a host name");

    [Fact]
    public void A_negative_age_is_refused() =>
        AssertRefused("a", "b", CookieOptions.Default with { MaxAge = TimeSpan.FromSeconds(-1) }, "must not be negative");

    [Fact]
    public void What_demands_secure_is_refused_without_it()
    {
        AssertRefused("__Host-a", "b", CookieOptions.Default, "its prefix __Host- demands Secure");
        AssertRefused("__secure-a", "b", CookieOptions.Default, "its prefix __Secure- demands Secure");
        AssertRefused("a", "b", CookieOptions.Default with { SameSite = CookieSameSite.None }, "SameSite=None demands Secure");
        AssertRefused("a", "b", CookieOptions.Default with { Partitioned = true, Secure = CookieSecure.Never }, "Partitioned demands Secure");
        Assert.StartsWith("__Host-a=b; Path=/; Secure", Write("__Host-a", "b", CookieOptions.Default, isHttps: true), StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_prefix_demands_the_root_and_no_domain()
    {
        CookieOptions secure = new() { Secure = CookieSecure.Always };
        AssertRefused("__HOST-a", "b", secure with { Path = "/x" }, "demands Path '/' and no Domain");
        AssertRefused("__Host-a", "b", secure with { Path = null }, "demands Path '/' and no Domain");
        AssertRefused("__Host-a", "b", secure with { Domain = "example.org" }, "demands Path '/' and no Domain");
        Assert.Contains("Domain=x", Write("__Secure-a", "b", secure with { Domain = "x" }, isHttps: false), StringComparison.Ordinal);
    }

    private static string Write(string name, string value, CookieOptions options, bool isHttps)
    {
        byte[] bytes = new byte[CookieWriter.LengthMax(name, value, options)];
        return Encoding.ASCII.GetString(bytes.AsSpan(0, CookieWriter.Write(name, value, options, isHttps, bytes)));
    }

    private static void AssertRefused(string name, string value, CookieOptions options, string expected)
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => Write(name, value, options, isHttps: false));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }
}
