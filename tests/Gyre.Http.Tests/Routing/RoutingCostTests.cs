using System.Text;
using Gyre.Http.Protocol;
using Gyre.Http.Routing;

namespace Gyre.Http.Tests.Routing;

/// <summary>What a search costs: nothing in memory, and no more than the tree is large, whatever was sent.</summary>
public sealed class RoutingCostTests
{
    private const int AttemptsMax = 10;

    [Theory]
    [InlineData("/a/b/c")]
    [InlineData("/users/12345/files/a%20b/c")]
    [InlineData("/v7/6F9619FF-8B86-D011-B42D-00C04FC964FF")]
    [InlineData("/words/abc")]
    public void Finding_a_route_and_reading_its_values_as_bytes_and_numbers_allocates_nothing(string path)
    {
        long sum = 0;
        var router = new Router(static _ => throw new InvalidOperationException("No route."));
        var constraints = new RouteConstraints();
        Add("/a/b/c", static _ => default);
        Add("/users/{id:int}/files/{*path}", context =>
        {
            context.Route.TryGetValue("path", out ReadOnlySpan<byte> rest);
            sum += context.Route.GetInt32("id") + rest.Length;
            return default;
        });
        Add("/v{version:range(1,9)}/{key:guid}", context =>
        {
            sum += context.Route.GetInt64("version") + context.Route.GetValue(1).Length + context.Route.GetGuid("key").Version;
            return default;
        });
        Add("/words/{word:alpha:length(3):regex(^a)}", context =>
        {
            sum += context.Route.GetValue(0).Length;
            return default;
        });
        var context = new HttpContext(HttpLimits.Default);
        byte[] request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
        Route(100);

        // The runtime itself may allocate on this thread when it replaces a method by a better compiled one: once, not for ever.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < AttemptsMax && least > 0; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Route(1000);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);

        void Add(string template, HttpHandler handler) => router.Add(RouteTemplate.Parse(template, constraints)).Add("GET", handler);

        void Route(int times)
        {
            for (int i = 0; i < times; i++)
            {
                context.Reader.Recycle();
                context.Search.Reset();
                context.Reader.Read(request, out _);
                Assert.True(router.Dispatch(context).IsCompletedSuccessfully);
            }
        }
    }

    [Fact]
    public void Each_node_is_looked_at_once_at_the_most()
    {
        const int depth = 60;
        int calls = 0;
        var routes = new Routes();
        routes.Constraints.Add("count", _ =>
        {
            calls++;
            return true;
        });
        string template = "";
        for (int i = 0; i < depth; i++)
        {
            routes.Add($"{template}/{{p{i}:count}}/end");
            routes.Add($"{template}/{{p{i}}}/other");
            template += $"/{{p{i}:count}}";
        }

        Assert.Null(routes.Find(string.Concat(Enumerable.Repeat("/x", depth + 1))));
        Assert.InRange(calls, 1, 2 * depth);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/a")]
    [InlineData("/%2F")]
    public void A_path_of_8_kib_meets_a_big_tree(string piece)
    {
        var routes = new Routes();
        string template = "";
        for (int i = 0; i < 60; i++)
        {
            template += i % 2 == 0 ? $"/{{p{i}}}" : "/a";
            routes.Add($"{template}/{{*rest}}", "POST");
            for (int j = 0; j < 20; j++)
            {
                routes.Add($"{template}/{j}{{q}}");
            }
        }

        Assert.Null(routes.Find(string.Concat(Enumerable.Repeat(piece, 8000 / piece.Length))));
    }
}
