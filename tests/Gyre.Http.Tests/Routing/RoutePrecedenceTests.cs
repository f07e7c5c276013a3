using CsCheck;

namespace Gyre.Http.Tests.Routing;

public sealed class RoutePrecedenceTests
{
    private static readonly string[] s_literals = ["a", "b", "ab", "aba", "7"];

    private static readonly string[] s_parameters =
    [
        "{p}", "a{p}", "{p}a", "a{p}a", "b{p}", "{p}b", "a{p}b", "ab{p}",
        "{p:int}", "{p:min(5)}", "{p:int:min(5)}", "{p:alpha}", "a{p:alpha}", "{p:length(3)}",
    ];

    private static readonly string[] s_pieces = ["a", "b", "ab", "aba", "abab", "7", "1", "a7a", "", "x"];

    private static readonly Gen<string> s_template =
        from segments in Gen.OneOf(Pick(s_literals), Pick(s_parameters)).Array[0, 3]
        from last in Pick("", "/", "/{*p}", "/{p?}", "/{p:int?}")
        let text = string.Concat(segments.Select(static (segment, i) => "/" + segment.Replace("{p", $"{{p{i}", StringComparison.Ordinal)))
            + last.Replace("p", "p9", StringComparison.Ordinal)
        select text.Length == 0 ? "/" : text;

    private static readonly Gen<string> s_path = Pick(s_pieces).Array[1, 4].Select(static pieces => "/" + string.Join('/', pieces));

    /// <summary>Also the conflicts: a set of templates is refused in every order or in none.</summary>
    [Fact]
    public void Routes_are_found_the_same_in_whatever_order_they_were_added_and_as_by_looking_at_each() =>
        Gen.Select(Gen.Select(s_template, Pick("GET", "POST")).Array[1, 7], Gen.Int, s_path.Array[8]).Sample(
            static (added, seed, paths) =>
            {
                (string Template, string Method)[] routes = [.. added.Distinct()];
                (string Template, string Method)[] shuffled = [.. routes];
                new Random(seed).Shuffle(shuffled);
                Routes? one = Build(routes);
                Routes? other = Build(shuffled);
                Assert.Equal(one is null, other is null);
                if (one is null)
                {
                    return;
                }

                var naive = new NaiveRoutes(routes);
                foreach (string path in paths)
                {
                    string? found = one.Find(path);
                    string values = one.Values();
                    string? allow = one.Search.Allow is null ? null : string.Join(", ", one.Search.Allow);
                    Assert.Equal(found, other!.Find(path));
                    Assert.Equal(values, other.Values());
                    Assert.Equal(naive.Find(path, "GET"), found);
                    Assert.Equal(found is null ? naive.Allow(path) : allow, allow);
                }
            },
            iter: 20_000);

    [Theory]
    [InlineData("/a/b", "/a/b", "/a/{x}", "/{x}/b", "/{*x}")]
    [InlineData("/a/c", "/a/{x}", "/{x}/c", "/a/{*x}")]
    [InlineData("/a/c", "/a/{*x}", "/{x}/c")]
    [InlineData("/v12", "/v{x:int}", "/v{x}", "/{x:int}", "/{x}")]
    [InlineData("/12", "/{x:int:min(5)}", "/{x:int}", "/{x}")]
    [InlineData("/axb", "/a{x}b", "/a{x}", "/{x}b", "/{x:alpha}")]
    [InlineData("/aba", "/a{x}", "/{x}a")]
    [InlineData("/a", "/a", "/{x?}", "/{*x}")]
    [InlineData("/", "/", "/{*x}")]
    [InlineData("/a/", "/a/", "/a/{*x}")]
    public void The_most_specific_template_wins(string path, string first, params string[] others)
    {
        Routes? forwards = Build([.. others.Prepend(first).Select(static t => (t, "GET"))]);
        Routes? backwards = Build([.. others.Prepend(first).Reverse().Select(static t => (t, "GET"))]);

        Assert.Equal(first, forwards!.Find(path));
        Assert.Equal(first, backwards!.Find(path));
    }

    /// <summary>Both have one byte of literal text and no constraint, so the order of registration used to decide.</summary>
    [Theory]
    [InlineData("/{x}a", "/a{x}")]
    [InlineData("/a{x}", "/{x}a")]
    public void A_prefix_and_a_suffix_of_one_length_dont_depend_on_their_order(string first, string second) =>
        Assert.Equal("/a{x}", new Routes().Add(first).Add(second).Find("/aba"));

    [Theory]
    [InlineData("/{a}", "/{b}", "give their parameters the same names")]
    [InlineData("/{*a}", "/{*b}", "give their parameters the same names")]
    [InlineData("/a/{x?}", "/a", "'/a' and '/a/{x?}' both take '/a', since the last part of '/a/{x?}' is optional")]
    [InlineData("/a", "/a/{x?}", "'/a/{x?}' and '/a' both take '/a', since the last part of '/a/{x?}' is optional")]
    [InlineData("/a/{x?}", "/a/{y:int?}", "both take '/a'")]
    [InlineData("/{b}/{x?}", "/{b?}", "both take '/{b}', since the last part of '/{b}/{x?}' is optional")]
    [InlineData("/a/{x?}", "/a/{x}", "make it optional in both or neither")]
    [InlineData("/a/{x}", "/a/{x?}", "make it optional in both or neither")]
    [InlineData("/a", "/a", "has a handler for GET already")]
    public void Templates_that_take_the_same_paths_are_refused(string first, string second, string reason)
    {
        Routes routes = new Routes().Add(first);

        ArgumentException refusal = Assert.Throws<ArgumentException>(() => routes.Add(second));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"'{second}'", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>The handler for the path without the segment was that of the template that asks for the segment.</summary>
    [Fact]
    public void A_required_parameter_isnt_made_optional_by_another_methods_route()
    {
        Routes routes = new Routes().Add("/a/{x}");

        Assert.Throws<ArgumentException>(() => routes.Add("/a/{x?}", "POST"));

        Assert.Null(routes.Find("/a"));
        Assert.Null(routes.Search.Allow);
    }

    [Fact]
    public void A_route_that_was_refused_leaves_nothing_that_is_found()
    {
        Routes routes = new Routes().Add("/a");

        Assert.Throws<ArgumentException>(() => routes.Add("/a/{x?}"));

        Assert.Null(routes.Find("/a/b"));
        Assert.Null(routes.Search.Allow);
    }

    [Theory]
    [InlineData("/f/a/b", "x=a/b")]
    [InlineData("/f/a/", "x=a/")]
    [InlineData("/f/", "x=")]
    [InlineData("/f", "x=")]
    [InlineData("/f/a%20b", "x=a b")]
    [InlineData("/f/%25", "x=%")]
    [InlineData("/f/a%2Fb", null)]
    [InlineData("/f/a%5Cb", null)]
    [InlineData(@"/f/a\b", null)]
    [InlineData("/f/a//b", null)]
    [InlineData("/f//", null)]
    public void A_catch_all_takes_the_rest_unless_its_slashes_would_be_doubtful(string path, string? values)
    {
        Routes routes = new Routes().Add("/f/{*x}");

        Assert.Equal(values is null ? null : "/f/{*x}", routes.Find(path));
        Assert.Equal(values ?? "", routes.Values());
    }

    [Theory]
    [InlineData("/p", "/p/{x?}", "")]
    [InlineData("/p/a", "/p/{x?}", "x=a")]
    [InlineData("/p/", null, "")]
    [InlineData("/q", null, "")]
    [InlineData("/q/a%2Fb", "/q/{y}", "y=a/b")]
    [InlineData("/q//", null, "")]
    [InlineData("/Q/a", null, "")]
    public void Parameters_take_one_segment(string path, string? template, string values)
    {
        Routes routes = new Routes().Add("/p/{x?}").Add("/q/{y}");

        Assert.Equal(template, routes.Find(path));
        Assert.Equal(values, routes.Values());
    }

    private static Gen<string> Pick(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static Routes? Build((string Template, string Method)[] routes)
    {
        var built = new Routes();
        try
        {
            foreach ((string template, string method) in routes)
            {
                built.Add(template, method);
            }

            return built;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
