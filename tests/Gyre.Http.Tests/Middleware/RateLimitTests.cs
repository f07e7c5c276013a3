using System.Net;
using System.Threading.RateLimiting;
using Gyre.Http.Middleware;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.Middleware;

public sealed class RateLimitTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const long Second = 1_000_000_000;

    [Fact]
    public void In_virtual_time_a_client_gets_its_burst_and_then_its_rate()
    {
        var options = new RateLimitOptions { Requests = 1, Period = TimeSpan.FromSeconds(10), Burst = 3 };
        HttpServer server = new HttpServer(new HttpServerOptions { Logger = LineLogger.Silent })
            .UseForwardedHeaders(new ForwardedHeadersOptions { TrustedProxies = [IPNetwork.Parse("0.0.0.0/0")] })
            .UseRateLimit(options)
            .Get("/", Handlers.Hello);
        int world = 0;
        InLoop.Simulate(server, async endPoint =>
        {
            // The buckets outlive a world, whose clock begins anew: each has clients of its own.
            string client = $"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.0.0.{++world}\r\n\r\n";
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            for (int i = 0; i < 3; i++)
            {
                Assert.Equal(200, (await peer.AskAsync(client)).Status);
            }

            Answer refused = await peer.AskAsync(client);
            Assert.Equal(429, refused.Status);
            Assert.Equal("10", refused["Retry-After"]);
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(10));
            Assert.Equal(200, (await peer.AskAsync(client)).Status);
            Assert.Equal(429, (await peer.AskAsync(client)).Status);
        });
    }

    [Fact]
    public void Addresses_of_one_customer_are_one_client()
    {
        var buckets = new ClientBuckets(new RateLimitOptions { Requests = 1 });
        Assert.True(buckets.TryTake(IPAddress.Parse("2001:db8::1"), 0, out _));
        Assert.False(buckets.TryTake(IPAddress.Parse("2001:db8::ffff:2"), 0, out long wait));
        Assert.Equal(Second, wait);
        Assert.True(buckets.TryTake(IPAddress.Parse("2001:db8:0:1::1"), 0, out _));
        Assert.True(buckets.TryTake(IPAddress.Parse("192.0.2.1"), 0, out _));
        Assert.False(buckets.TryTake(IPAddress.Parse("::ffff:192.0.2.1"), 0, out _));
        Assert.True(buckets.TryTake(IPAddress.Parse("192.0.2.2"), 0, out _));
    }

    [Fact]
    public void Clients_beyond_the_limit_share_a_bucket_until_others_rest()
    {
        var buckets = new ClientBuckets(new RateLimitOptions { Requests = 1, ClientsMax = 2 });
        Assert.True(buckets.TryTake(IPAddress.Parse("192.0.2.1"), 0, out _));
        Assert.True(buckets.TryTake(IPAddress.Parse("192.0.2.2"), 0, out _));
        Assert.True(buckets.TryTake(IPAddress.Parse("192.0.2.3"), 0, out _));
        Assert.False(buckets.TryTake(IPAddress.Parse("192.0.2.4"), 0, out _));
        Assert.True(buckets.TryTake(IPAddress.Parse("192.0.2.5"), 2 * Second, out _));
        Assert.True(buckets.TryTake(IPAddress.Parse("192.0.2.6"), 2 * Second, out _));
    }

    [Fact]
    public void A_refused_request_costs_no_token_and_time_that_runs_back_gives_none()
    {
        var buckets = new ClientBuckets(new RateLimitOptions { Requests = 2 });
        IPAddress client = IPAddress.Loopback;
        Assert.True(buckets.TryTake(client, Second, out _));
        Assert.True(buckets.TryTake(client, Second, out _));
        for (int i = 0; i < 100; i++)
        {
            Assert.False(buckets.TryTake(client, Second - i, out _));
        }

        Assert.True(buckets.TryTake(client, Second + (Second / 2), out _));
        Assert.False(buckets.TryTake(client, Second + (Second / 2), out _));
    }

    [Fact]
    public async Task A_limiter_of_the_BCL_decides_by_its_own_key()
    {
        using PartitionedRateLimiter<HttpContext> limiter = PartitionedRateLimiter.Create<HttpContext, string>(static context =>
            RateLimitPartition.GetTokenBucketLimiter(context.Request.Query, static _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = 1, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromHours(1), AutoReplenishment = false,
            }));
        using TestServer server = await TestServer.StartAsync(server => server.UseRateLimit(limiter, 503).Get("/", Handlers.Hello));
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal(200, (await peer.AskAsync(Get)).Status);
        Answer refused = await peer.AskAsync(Get);
        Assert.Equal(503, refused.Status);
        Assert.NotNull(refused["Retry-After"]);
        Assert.Equal(200, (await peer.AskAsync(Get.Replace("/ ", "/?b ", StringComparison.Ordinal))).Status);
    }
}
