using System.Text;
using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Protocol;

public class KnownHeaderTests
{
    public static TheoryData<KnownHeader> All => [.. Enum.GetValues<KnownHeader>().Where(header => header != KnownHeader.None)];

    [Theory]
    [MemberData(nameof(All))]
    public void Is_found_in_any_case_and_by_nothing_else(KnownHeader header)
    {
        string name = Encoding.ASCII.GetString(KnownHeaders.Name(header));
        Assert.Equal(header.ToString(), name.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);
        Assert.Equal(header, Find(name));
        Assert.Equal(header, Find(name.ToUpperInvariant()));
        Assert.Equal(header, Find(name.ToLowerInvariant()));
        Assert.Equal(KnownHeader.None, Find(name + "x"));
        Assert.Equal(KnownHeader.None, Find("x" + name));
        for (int i = 0; i < name.Length; i++)
        {
            Assert.Equal(KnownHeader.None, Find(name[..i] + "!" + name[(i + 1)..]));
            Assert.Equal(KnownHeader.None, Find(name[..i] + "_" + name[(i + 1)..]));
        }
    }

    [Fact]
    public void There_are_at_most_63_so_that_a_set_fits_one_word() =>
        Assert.InRange(Enum.GetValues<KnownHeader>().Length, 2, 64);

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("TX")]
    [InlineData("Cookies")]
    public void Other_names_are_not_known(string name) => Assert.Equal(KnownHeader.None, Find(name));

    private static KnownHeader Find(string name) => KnownHeaders.Find(Encoding.ASCII.GetBytes(name));
}
