using Gyre.Http.Tests.Server;
using Gyre.Simulation;

namespace Gyre.Http.Tests.StaticFiles;

/// <summary>Files on their way: slow clients, and files that change meanwhile.</summary>
public sealed class SendingTests
{
    private const int LargeLength = 10_000_000;

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        using var site = new FileSite();
        byte[] large = FileSite.Numbers(300_000);
        byte[] small = FileSite.Numbers(1000);
        site.Add("large.bin", large);
        site.Add("small.bin", small);
        await site.StartAsync();
        string all = string.Concat(Enumerable.Range(0, 20).Select(static i => FileSite.Request(i % 2 == 0 ? "/static/small.bin" : "/static/large.bin")));
        Task sending = site.Peer.SendAsync(all);
        foreach (int i in Enumerable.Range(0, 20))
        {
            Assert.Equal(i % 2 == 0 ? small : large, (await site.Peer.ReceiveAsync()).Body);
        }

        await sending;
        Assert.Equal(404, (await site.GetAsync("/static/none")).Status);
    }

    [Fact]
    public async Task A_client_that_reads_slowly_gets_everything()
    {
        using var site = new FileSite();
        byte[] content = FileSite.Numbers(LargeLength);
        site.Add("large.bin", content);
        await site.StartAsync();
        using HttpPeer slow = await site.Server.ConnectAsync(receiveBufferBytes: 4096);
        await slow.SendAsync(FileSite.Request("/static/large.bin"));
        await slow.ReceiveHeadAsync();
        var got = new List<byte[]>();
        for (int left = LargeLength; left > 0; left -= got[^1].Length)
        {
            got.Add(await slow.ReceiveExactlyAsync(Math.Min(left, 100_000)));

            // Others are served meanwhile.
            Assert.Equal(404, (await site.GetAsync("/static/none")).Status);
        }

        Assert.Equal(content, got.SelectMany(static piece => piece).ToArray());
        Assert.Equal(404, (await slow.AskAsync(FileSite.Request("/static/none"))).Status);
    }

    [Fact]
    public void A_client_that_stops_reading_is_let_go()
    {
        using var site = new FileSite();
        site.Add("large.bin", FileSite.Numbers(LargeLength));
        for (int seed = 1; seed <= 3; seed++)
        {
            var server = new HttpServer(new HttpServerOptions { BodyBytesPerSecondMin = 100_000, BodyGrace = TimeSpan.FromSeconds(5) });
            server.Files("/static", site.Root);
            SimulatedRuntime.Run(seed, () => InLoop.ServeAsync(server, async endPoint =>
            {
                using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
                await peer.SendAsync(FileSite.Request("/static/large.bin"));
                await peer.ReceiveHeadAsync();

                // Five seconds, and less than four for a window of 256 KiB behind 64 KiB; deadlines are up to two seconds late.
                await Coroutine.SleepAsync(TimeSpan.FromSeconds(11));
                await peer.ReceiveBreakAsync();
            }));
        }
    }

    [Fact]
    public async Task A_file_that_shrinks_while_it_is_sent_breaks_the_connection()
    {
        using var site = new FileSite();
        string path = site.Add("large.bin", FileSite.Numbers(LargeLength));
        await site.StartAsync();
        using HttpPeer slow = await site.Server.ConnectAsync(receiveBufferBytes: 4096);
        await slow.SendAsync(FileSite.Request("/static/large.bin"));
        Assert.Contains($"Content-Length: {LargeLength}", await slow.ReceiveHeadAsync(), StringComparison.Ordinal);
        using (FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(1000);
        }

        await slow.ReceiveBreakAsync();
        Assert.Equal(1000, (await site.GetAsync("/static/large.bin")).Body.Length);
        Assert.Contains(site.Server.Log, static line => line.Contains("after its response had begun", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_grows_while_it_is_sent_is_cut_at_the_length_that_was_announced()
    {
        using var site = new FileSite();
        byte[] content = FileSite.Numbers(LargeLength);
        string path = site.Add("large.bin", content);
        await site.StartAsync();
        using HttpPeer slow = await site.Server.ConnectAsync(receiveBufferBytes: 4096);
        await slow.SendAsync(FileSite.Request("/static/large.bin"));
        await slow.ReceiveHeadAsync();
        using (FileStream file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Write("more"u8);
        }

        Assert.Equal(content, await slow.ReceiveExactlyAsync(LargeLength));
        Assert.Equal(404, (await slow.AskAsync(FileSite.Request("/static/none"))).Status);
    }

    [Fact]
    public async Task A_file_that_is_replaced_while_it_is_sent_is_sent_as_it_was()
    {
        using var site = new FileSite();
        byte[] content = FileSite.Numbers(LargeLength);
        string path = site.Add("large.bin", content);
        await site.StartAsync();
        using HttpPeer slow = await site.Server.ConnectAsync(receiveBufferBytes: 4096);
        await slow.SendAsync(FileSite.Request("/static/large.bin"));
        await slow.ReceiveHeadAsync();
        File.Move(site.Add("new.bin", "new"), path, overwrite: true);
        Assert.Equal("new", (await site.GetAsync("/static/large.bin")).Text);
        Assert.Equal(content, await slow.ReceiveExactlyAsync(LargeLength));
        Assert.Equal("new", (await slow.AskAsync(FileSite.Request("/static/large.bin"))).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_goes_away_in_the_middle_leaves_no_descriptor(bool resets)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Descriptors are counted in /proc.");
        using var site = new FileSite();
        string path = site.Add("large.bin", FileSite.Numbers(LargeLength));
        await site.StartAsync();
        foreach (int _ in Enumerable.Range(0, 5))
        {
            using HttpPeer peer = await site.Server.ConnectAsync(receiveBufferBytes: 4096);
            await peer.SendAsync(FileSite.Request("/static/large.bin"));
            await peer.ReceiveHeadAsync();
            if (resets)
            {
                peer.Reset();
            }
        }

        // Whoever asks next is served behind all that the server still had to do, or soon after.
        int open = int.MaxValue;
        for (int i = 0; i < 10_000 && open > 0; i++)
        {
            Assert.Equal(404, (await site.GetAsync("/static/none")).Status);
            open = Directory.GetFiles("/proc/self/fd").Count(fd => IsLinkTo(fd, path));
        }

        Assert.Equal(0, open);
        Assert.DoesNotContain(site.Server.Log, static line => line.Contains("handler failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_response_that_is_sent_from_a_file_is_never_filtered()
    {
        using var site = new FileSite();
        byte[] content = FileSite.Numbers(50_000);
        site.Add("large.js", content);
        site.Add("small.js", "small");
        await site.StartAsync(server =>
        {
            server.Files("/static", site.Root);
            server.Use(static (context, next) =>
            {
                context.Response.SetFilter(new RefusingFilter());
                return next(context);
            });
        });
        foreach (int _ in Enumerable.Range(0, 4))
        {
            Assert.Equal(content, (await site.GetAsync("/static/large.js")).Body);
            Assert.Equal("small", (await site.GetAsync("/static/small.js")).Text);
        }
    }

    private static bool IsLinkTo(string descriptor, string path)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget == path;
        }
        catch (IOException)
        {
            // It was closed meanwhile.
            return false;
        }
    }

    private sealed class RefusingFilter : Gyre.Http.Server.BodyFilter
    {
        public override bool Begin(HttpContext context, long? length) => throw new InvalidOperationException("A file was filtered.");

        public override void Write(ReadOnlySpan<byte> data, System.Buffers.IBufferWriter<byte> output)
        {
        }

        public override void Flush(System.Buffers.IBufferWriter<byte> output)
        {
        }

        public override void End(System.Buffers.IBufferWriter<byte> output)
        {
        }

        public override void Release()
        {
        }
    }
}
