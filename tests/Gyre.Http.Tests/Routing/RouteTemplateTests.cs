using Gyre.Http.Routing;

namespace Gyre.Http.Tests.Routing;

public sealed class RouteTemplateTests
{
    [Theory]
    [InlineData("", "it must begin with '/'")]
    [InlineData("users", "it must begin with '/'")]
    [InlineData("{id}", "it must begin with '/'")]
    [InlineData("/a//b", "a segment between two slashes is empty")]
    [InlineData("//", "a segment between two slashes is empty")]
    [InlineData("/a/./b", "it has the segment '.'")]
    [InlineData("/a/..", "it has the segment '..'")]
    [InlineData("/a?b", "'a?b' holds")]
    [InlineData("/a#b", "'a#b' holds")]
    [InlineData("/a%20b", "write the path decoded")]
    [InlineData("/a\tb", "a control character")]
    [InlineData("/a\0", "a control character")]
    [InlineData("/{a", "the braces of '{a' don't match")]
    [InlineData("/a}", "the braces of 'a}' don't match")]
    [InlineData("/}a{", "the braces of '}a{' don't match")]
    [InlineData("/a{b}c{", "'c{' holds a brace")]
    [InlineData("/{}", "'{}' isn't one parameter")]
    [InlineData("/{a}{b}", "'{a}{b}' isn't one parameter")]
    [InlineData("/{a}-{b}", "'{a}-{b}' isn't one parameter")]
    [InlineData("/{a b}", "'{a b}' isn't one parameter")]
    [InlineData("/{ä}", "'{ä}' isn't one parameter")]
    [InlineData("/{**a}", "'{**a}' isn't one parameter")]
    [InlineData("/{:int}", "'{:int}' isn't one parameter")]
    [InlineData("/{a}/{a}", "two parameters have the same name")]
    [InlineData("/{a?}/b", "'{a?}' is optional, which only the last segment can be")]
    [InlineData("/x{a?}", "'x{a?}' must be a whole segment")]
    [InlineData("/{a?}x", "'{a?}x' must be a whole segment")]
    [InlineData("/{*a}/b", "a catch-all the last one")]
    [InlineData("/x{*a}", "'x{*a}' must be a whole segment")]
    [InlineData("/{*a?}", "it takes none or many anyway")]
    [InlineData("/{*a:int}", "the catch-all '{*a:int}' can't have constraints")]
    [InlineData("/{a:even}", "The constraint 'even' of route '/{a:even}' is unknown; there are int,")]
    [InlineData("/{a:}", "The constraint '' of route '/{a:}' is unknown")]
    [InlineData("/{a:INT}", "The constraint 'INT' of route '/{a:INT}' is unknown")]
    [InlineData("/{a:odd(1)}", "The constraint 'odd(1)' of route '/{a:odd(1)}' is unknown")]
    [InlineData("/{a:int()}", "The constraint 'int()' of route '/{a:int()}' has a wrong number of arguments; write int.")]
    [InlineData("/{a:int(3)}", "The constraint 'int(3)' of route '/{a:int(3)}' has a wrong number of arguments; write int.")]
    [InlineData("/{a:alpha(x)}", "has a wrong number of arguments; write alpha.")]
    [InlineData("/{a:min}", "The constraint 'min' of route '/{a:min}' has a wrong number of arguments; write min(n).")]
    [InlineData("/{a:min(1,2)}", "has a wrong number of arguments; write min(n).")]
    [InlineData("/{a:range(1)}", "has a wrong number of arguments; write range(a,b).")]
    [InlineData("/{a:length}", "has a wrong number of arguments; write length(n) or length(a,b).")]
    [InlineData("/{a:regex}", "has a wrong number of arguments; write regex(…).")]
    [InlineData("/{a:min(x)}", "must be whole numbers of 64 bits")]
    [InlineData("/{a:min(1.5)}", "must be whole numbers of 64 bits")]
    [InlineData("/{a:min(99999999999999999999)}", "must be whole numbers of 64 bits")]
    [InlineData("/{a:range(9,1)}", "the smaller one first")]
    [InlineData("/{a:length(2,1)}", "the smaller one first")]
    [InlineData("/{a:min(}", "The constraint 'min(' of route '/{a:min(}' has a parenthesis that isn't closed at its end")]
    [InlineData("/{a:length(12}", "has a parenthesis that isn't closed at its end")]
    [InlineData("/{a:length(1)x}", "has a parenthesis that isn't closed at its end")]
    [InlineData("/{a:regex([)}", "The constraint 'regex([)' of route '/{a:regex([)}' isn't a pattern")]
    [InlineData(@"/{a:regex(^(a)\1$)}", "isn't a pattern that is matched in linear time")]
    [InlineData("/{a:regex(a(?=b))}", "isn't a pattern that is matched in linear time")]
    public void What_is_no_template_is_refused_with_the_reason(string template, string reason)
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => RouteTemplate.Parse(template, new RouteConstraints()));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(template, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", 1, "")]
    [InlineData("/a", 1, "")]
    [InlineData("/a/", 2, "")]
    [InlineData("/a b/ä", 2, "")]
    [InlineData("/users/{id:int}/files/{*path}", 4, "id path")]
    [InlineData("/v{version}/x", 2, "version")]
    [InlineData("/.{name}", 1, "name")]
    [InlineData("/{name}.", 1, "name")]
    [InlineData("/page/{name?}", 2, "name")]
    [InlineData("/{a:int?}", 1, "a")]
    [InlineData("/{a:regex(^[a-z/:]{2}$)}/b", 2, "a")]
    [InlineData("/{a:length(1,2):alpha}", 1, "a")]
    public void A_template_is_taken_apart(string text, int segments, string names)
    {
        var template = RouteTemplate.Parse(text, new RouteConstraints());

        Assert.Equal(segments, template.Segments.Length);
        Assert.Equal(names, string.Join(' ', template.Names));
        Assert.Equal(text.EndsWith("?}", StringComparison.Ordinal), template.IsLastOptional);
    }

    [Fact]
    public void The_depth_of_the_tree_has_a_bound()
    {
        Assert.Equal(64, RouteTemplate.Parse(string.Concat(Enumerable.Repeat("/a", 64)), new RouteConstraints()).Segments.Length);
        ArgumentException refusal = Assert.Throws<ArgumentException>(
            () => RouteTemplate.Parse(string.Concat(Enumerable.Repeat("/a", 65)), new RouteConstraints()));
        Assert.Contains("it has 65 segments, and 64 is the limit", refusal.Message, StringComparison.Ordinal);
    }
}
