using System.IO.Compression;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Gyre.Tests.CooperativeThreads;

/// <summary>
/// Blocking libraries of the BCL over a connection whose peer sends byte by byte: the thread parks at each read, and the loop serves others
/// meanwhile.
/// </summary>
public sealed class StreamLibraryTests
{
    [Fact]
    public void StreamReader_reads_lines() => Fed("one\ntwo\r\nthree"u8.ToArray(), static stream =>
    {
        using var reader = new StreamReader(stream);
        Assert.Equal(["one", "two", "three"], [reader.ReadLine(), reader.ReadLine(), reader.ReadLine()]);
        Assert.Null(reader.ReadLine());
    });

    [Fact]
    public void JsonSerializer_deserializes() => Fed(JsonSerializer.SerializeToUtf8Bytes(Enumerable.Range(0, 200)), static stream =>
        Assert.Equal(Enumerable.Range(0, 200), JsonSerializer.Deserialize<int[]>(stream)));

    [Fact]
    public void BinaryReader_reads_primitives()
    {
        var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(42);
            writer.Write("text");
            writer.Write(1.5);
        }

        Fed(bytes.ToArray(), static stream =>
        {
            using var reader = new BinaryReader(stream);
            Assert.Equal((42, "text", 1.5), (reader.ReadInt32(), reader.ReadString(), reader.ReadDouble()));
            Assert.Throws<EndOfStreamException>(() => reader.ReadByte());
        });
    }

    [Fact]
    public void GZipStream_unpacks()
    {
        byte[] content = RandomNumberGenerator.GetBytes(2000);
        var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zip.Write(content);
        }

        Fed(packed.ToArray(), stream =>
        {
            using var zip = new GZipStream(stream, CompressionMode.Decompress);
            var unpacked = new MemoryStream();
            zip.CopyTo(unpacked);
            Assert.Equal(content, unpacked.ToArray());
        });
    }

    [Fact]
    public void ZipArchive_opens()
    {
        var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = zip.CreateEntry("greeting.txt").Open();
            entry.Write("hello"u8);
        }

        Fed(packed.ToArray(), static stream =>
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
            using var reader = new StreamReader(Assert.Single(zip.Entries).Open());
            Assert.Equal("hello", reader.ReadToEnd());
        });
    }

    [Fact]
    public void The_span_and_byte_overloads_and_the_old_pattern() => Fed([1, 2, 3, 4, 5, 6], static stream =>
    {
        Assert.Equal(1, stream.ReadByte());
        Span<byte> two = stackalloc byte[2];
        stream.ReadExactly(two);
        Assert.Equal([2, 3], two.ToArray());
        byte[] one = new byte[1];
        Assert.Equal(1, stream.EndRead(stream.BeginRead(one, 0, 1, null, null)));
        Assert.Equal(4, one[0]);
        Assert.Equal(0, stream.Read([], 0, 0));
        var rest = new MemoryStream();
        stream.CopyTo(rest);
        Assert.Equal([5, 6], rest.ToArray());
        Assert.Equal(-1, stream.ReadByte());
    });

    [Fact]
    public void Synchronous_TLS_with_both_sides_in_threads() => OnLoop.Run(static async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        using X509Certificate2 certificate = MakeCertificate();
        byte[] sent = RandomNumberGenerator.GetBytes(100_000);
        int turns = 0;
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine ticker = group.Spawn(() => TickAsync(() => turns++));
            group.SpawnThread(() =>
            {
                using var ssl = new SslStream(pair.Server.AsStream());
                ssl.AuthenticateAsServer(certificate, clientCertificateRequired: false, SslProtocols.None, checkCertificateRevocation: false);
                byte[] buffer = new byte[10_000];
                while (ssl.Read(buffer) is > 0 and var count)
                {
                    ssl.Write(buffer, 0, count);
                }
            });
            await CooperativeThread.Run(() =>
            {
                using var ssl = new SslStream(pair.Client.AsStream(), leaveInnerStreamOpen: false, static (_, _, _, _) => true);
                ssl.AuthenticateAsClient("localhost");
                byte[] received = new byte[sent.Length];
                for (int offset = 0; offset < sent.Length; offset += 20_000)
                {
                    ssl.Write(sent, offset, 20_000);
                    ssl.ReadExactly(received, offset, 20_000);
                }

                Assert.Equal(sent, received);
                Assert.True(CooperativeThread.IsCurrent);
            });
            ticker.Cancel();
        });
        Assert.True(turns > 5, $"Others had {turns} turns.");
    });

    [Fact]
    public void A_cancelled_read_inside_a_library_unwinds_it() => OnLoop.Run(static async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        using X509Certificate2 certificate = MakeCertificate();
        CancelScope scope = await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(3), async _ => await CooperativeThread.Run(() =>
        {
            // The other side never answers.
            using var ssl = new SslStream(pair.Client.AsStream(), leaveInnerStreamOpen: true);
            ssl.AuthenticateAsClient("localhost");
        }));
        Assert.True(scope.CancelledCaught);
    });

    [Fact]
    public void A_write_parks_until_the_peer_reads() => OnLoop.Run(static async () =>
    {
        const int total = 8_000_000;
        await using Pair pair = await Pair.ConnectAsync();
        int written = 0;
        Task writing = CooperativeThread.Run(() =>
        {
            using Stream stream = pair.Client.AsStream();
            byte[] block = new byte[100_000];
            for (; written < total; written += block.Length)
            {
                stream.Write(block);
            }
        });
        Assert.False(writing.IsCompleted);
        long read = 0;
        byte[] buffer = new byte[200_000];
        while (await pair.Server.AsStream().ReadAsync(buffer) is > 0 and var count)
        {
            read += count;
        }

        await writing;
        Assert.Equal((total, total), (written, read));
    });

    [Fact]
    public void A_connection_that_is_reset_fails_the_read_in_the_thread() => OnLoop.Run(static async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        Task reading = CooperativeThread.Run(() => pair.Client.AsStream().ReadByte());
        await OnLoop.TurnsAsync(2);
        pair.Server.Abort();
        await Assert.ThrowsAnyAsync<IOException>(() => reading);
    });

    private static void Fed(byte[] bytes, Action<Stream> read) => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        int turns = 0;
        int turnsOfOthers = 0;
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine ticker = group.Spawn(() => TickAsync(() => turns++));
            group.Spawn(async () =>
            {
                Stream stream = pair.Server.AsStream();
                foreach (byte one in bytes)
                {
                    await stream.WriteAsync(new[] { one });
                    await Coroutine.YieldAsync();
                }

                await stream.DisposeAsync();
            });
            await CooperativeThread.Run(() =>
            {
                read(pair.Client.AsStream());
                turnsOfOthers = turns;
                Assert.True(CooperativeThread.IsCurrent);
            });
            ticker.Cancel();
        });
        Assert.True(turnsOfOthers >= bytes.Length, $"Others had {turnsOfOthers} turns while {bytes.Length} bytes came.");
    });

    private static async Task TickAsync(Action tick)
    {
        while (true)
        {
            tick();
            await Coroutine.YieldAsync();
        }
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
    }
}
