using System.Text;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.Middleware;

public sealed class MiddlewareSteadyStateTests
{
    private const int WarmUp = 3000;
    private const int Measured = 1000;

    [Theory]
    [InlineData("/")]
    [InlineData("/users/42")]
    public async Task Router_and_middleware_allocate_nothing_when_nothing_suspends(string path)
    {
#if DEBUG
        Assert.Skip("build: without optimisation every async method makes an object; the Release build is measured.");
#endif
        long[] allocated = new long[WarmUp + Measured];
        int count = 0;
        ValueTask Handle(HttpContext context)
        {
            allocated[count++] = GC.GetAllocatedBytesForCurrentThread();
            return Handlers.Hello(context);
        }

        using TestServer server = await TestServer.StartAsync(server => server
            .UseAccessLog(new AccessLogOptions { Sink = AccessLogSink.ToStream(Stream.Null) })
            .UseForwardedHeaders()
            .UseRateLimit(new RateLimitOptions { Requests = int.MaxValue, Period = TimeSpan.FromDays(1) })
            .UseProblemDetails()
            .UseCompression()
            .Get("/", Handle)
            .Get("/users/{id:int}", Handle));
        using HttpPeer peer = await server.ConnectAsync();
        byte[] request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n\r\n");
        for (int i = 0; i < WarmUp + Measured; i++)
        {
            await peer.SendAsync(request);
            Assert.Equal(200, (await peer.ReceiveAsync()).Status);
        }

        // Once a second lines are written; a request that allocated would show in every one of them.
        int allocating = Enumerable.Range(WarmUp, Measured - 1).Count(i => allocated[i + 1] != allocated[i]);
        Assert.InRange(allocating, 0, Measured / 50);
    }
}
