using System.Text;
using Gyre.Http.Protocol;
using Gyre.Http.Routing;

namespace Gyre.Http.Tests.Routing;

/// <summary>Which of two templates takes a path never depends on which was added first.</summary>
public class RouteOrderTests
{
    [Theory]
    [InlineData("/aba", "/a{x}", "/{x}a")]
    [InlineData("/abxb", "/ab{x}", "/a{x}b")]
    [InlineData("/n5m", "/n{x:int}m", "/n{x}m")]
    public void Parameters_with_as_much_text_before_as_behind_are_told_apart_by_the_text_before(string path, string first, string second)
    {
        Assert.Equal(first, Taken(path, first, second));
        Assert.Equal(first, Taken(path, second, first));
    }

    private static string Taken(string path, params string[] templates)
    {
        RouteNode root = new();
        RouteConstraints constraints = new();
        foreach (string template in templates)
        {
            root.Add(RouteTemplate.Parse(template, constraints)).Add("GET", static _ => default);
        }

        RequestReader reader = new();
        Assert.Equal(ReaderEvent.Head, reader.Read(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"), out _));
        RouteSearch search = new();
        Assert.Equal(PathFault.None, search.Path.Parse(reader.Head.PathSpan));
        search.Begin(reader.Head);
        Assert.NotNull(root.Find(search, 0));
        return search.Endpoint!.Template.Text;
    }
}
