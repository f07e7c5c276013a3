using System.Text;
using Gyre.Files;
using Gyre.Http.Fields;
using Gyre.Http.StaticFiles;
using Gyre.Http.Tests.Server;
using Gyre.Simulation;

namespace Gyre.Http.Tests.StaticFiles;

/// <summary>What a loop remembers of files, and when it forgets.</summary>
public sealed class CacheTests
{
    private const int WarmUp = 2000;
    private const int Measured = 1000;

    [Fact]
    public async Task A_kept_small_file_allocates_nothing()
    {
        long[] allocated = new long[WarmUp + Measured + 1];
        int count = 0;
        using var site = new FileSite();
        site.Add("small.css", FileSite.Numbers(1024));
        await site.StartAsync(server =>
        {
            server.Files("/static", site.Root);
            server.Use((context, next) =>
            {
                allocated[count++] = GC.GetAllocatedBytesForCurrentThread();
                return next(context);
            });
        });
        byte[] request = Encoding.ASCII.GetBytes(FileSite.Request("/static/small.css", "Accept-Encoding: gzip, br\r\n"));
        foreach (int _ in Enumerable.Range(0, WarmUp + Measured))
        {
            await site.Peer.SendAsync(request);
            Assert.Equal(1024, (await site.Peer.ReceiveAsync()).Body.Length);
        }

        // Twice a second the file is looked at again.
        int allocating = Enumerable.Range(WarmUp, Measured - 1).Count(i => allocated[i + 1] != allocated[i]);
        Assert.InRange(allocating, 0, Measured / 50);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public void A_file_that_changed_is_served_so_within_the_interval(int length)
    {
        using var site = new FileSite();
        string path = site.Add("a.bin", FileSite.Numbers(length));
        for (int seed = 1; seed <= 3; seed++)
        {
            var server = new HttpServer();
            server.Files("/static", site.Root);
            site.Add("a.bin", FileSite.Numbers(length));
            SimulatedRuntime.Run(seed, () => InLoop.ServeAsync(server, async endPoint =>
            {
                using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
                string request = FileSite.Request("/static/a.bin");
                foreach (int _ in Enumerable.Range(0, 3))
                {
                    Assert.Equal(length, (await peer.AskAsync(request)).Body.Length);
                }

                Answer before = await peer.AskAsync(request);
                File.WriteAllText(path, "changed");
                await Coroutine.SleepAsync(TimeSpan.FromSeconds(1));
                Answer after = await peer.AskAsync(request);
                Assert.Equal("changed", after.Text);
                Assert.NotEqual(before["ETag"], after["ETag"]);
                File.Delete(path);
                await Coroutine.SleepAsync(TimeSpan.FromSeconds(1));
                Assert.Equal(404, (await peer.AskAsync(request)).Status);
            }));
        }
    }

    [Fact]
    public async Task What_is_kept_is_served_until_it_is_looked_at_again()
    {
        using var site = new FileSite();
        string path = site.Add("a.txt", "before");
        await site.StartAsync(new StaticFileOptions { CacheCheckInterval = TimeSpan.FromHours(1) });
        foreach (int _ in Enumerable.Range(0, 2))
        {
            Assert.Equal("before", (await site.GetAsync("/static/a.txt")).Text);
        }

        File.Delete(path);
        Assert.Equal("before", (await site.GetAsync("/static/a.txt")).Text);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public async Task Without_a_cache_or_an_interval_every_request_sees_the_file_as_it_is(int files, int interval)
    {
        using var site = new FileSite();
        string path = site.Add("a.txt", "before");
        await site.StartAsync(new StaticFileOptions { CachedFilesMax = files, CacheCheckInterval = TimeSpan.FromHours(interval) });
        foreach (int _ in Enumerable.Range(0, 3))
        {
            Assert.Equal("before", (await site.GetAsync("/static/a.txt")).Text);
        }

        File.WriteAllText(path, "after");
        Assert.Equal("after", (await site.GetAsync("/static/a.txt")).Text);
        File.Delete(path);
        Assert.Equal(404, (await site.GetAsync("/static/a.txt")).Status);
    }

    [Fact]
    public async Task A_file_that_changed_a_moment_ago_is_not_kept()
    {
        using var site = new FileSite();
        string path = site.Add("a.txt", "one", DateTime.UnixEpoch);
        await site.StartAsync(new StaticFileOptions { CacheCheckInterval = TimeSpan.Zero });
        Assert.Equal("one", (await site.GetAsync("/static/a.txt")).Text);
        File.WriteAllText(path, "two");
        foreach (int _ in Enumerable.Range(0, 4))
        {
            Assert.Equal("two", (await site.GetAsync("/static/a.txt")).Text);
        }

        // The same length, and the same time: nothing but the content tells.
        DateTime time = File.GetLastWriteTimeUtc(path);
        File.WriteAllText(path, "six");
        File.SetLastWriteTimeUtc(path, time);
        Assert.Equal("six", (await site.GetAsync("/static/a.txt")).Text);
    }

    [Fact]
    public void It_is_bounded_in_number_and_what_was_used_longest_ago_goes_first()
    {
        var cache = new FileCache(countMax: 3, bytesMax: 1_000_000);
        cache.Put(Record("a", 1));
        cache.Put(Record("b", 1));
        cache.Put(Record("c", 1));
        Assert.NotNull(cache.Find("a"u8));
        cache.Put(Record("d", 1));
        Assert.Null(cache.Find("b"u8));
        Assert.NotNull(cache.Find("a"u8));
        Assert.NotNull(cache.Find("c"u8));
        Assert.NotNull(cache.Find("d"u8));
        Assert.Equal(3, cache.Count);
    }

    [Fact]
    public void It_is_bounded_in_bytes_also_when_a_record_grows()
    {
        var cache = new FileCache(countMax: 1000, bytesMax: 20_000);
        foreach (int i in Enumerable.Range(0, 100))
        {
            FileRecord record = Record($"file{i}", 5000);
            cache.Put(record);
            record.Identity.Keep(new byte[5000]);
            cache.Recount(record);
            Assert.InRange(cache.Bytes, 1, 20_000);
        }

        Assert.Equal(3, cache.Count);
        FileRecord gone = Record("file0", 10);
        gone.Identity.Keep(new byte[10]);
        cache.Recount(gone);
        cache.Remove(gone);
        Assert.Equal(3, cache.Count);
        foreach (int i in Enumerable.Range(97, 3))
        {
            cache.Remove(cache.Find(Encoding.ASCII.GetBytes($"file{i}"))!);
        }

        Assert.Equal(0, cache.Bytes);
    }

    [Fact]
    public void A_record_that_does_not_fit_at_all_is_not_kept()
    {
        var cache = new FileCache(countMax: 10, bytesMax: 100);
        cache.Put(Record("a", 1));
        Assert.Equal(0, cache.Count);
        Assert.Equal(0, cache.Bytes);
    }

    private static FileRecord Record(string path, int length)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(path);
        var stat = new FileStat(false, length, DateTimeOffset.UnixEpoch, 1);
        return new FileRecord(bytes, new FileVariant(bytes, stat, ContentCoding.Identity, DateTimeOffset.UnixEpoch), [], "a/b"u8.ToArray(), null);
    }
}
