using System.Text;
using System.Text.Json;
using Gyre.Net;

namespace Gyre.Tests;

/// <summary>A connection as a stream under BCL code, on the loop and from the pool.</summary>
public sealed class ConnectionStreamTests
{
    [Fact]
    public void Lines_by_StreamReader_on_the_loop() => OnLoop.Run(static async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        await ExchangeLinesAsync(pair);
    });

    [Fact]
    public void Lines_by_StreamReader_from_the_pool() => OnLoop.Run(static async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        await Task.Run(() => ExchangeLinesAsync(pair));
    });

    [Fact]
    public void Json_on_the_loop_and_from_the_pool() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        int[] numbers = [.. Enumerable.Range(0, 50_000)];
        Task sending = Task.Run(async () =>
        {
            await JsonSerializer.SerializeAsync(pair.Client.AsStream(), numbers);
            await pair.Client.AsStream().DisposeAsync();
        });
        int[]? received = await JsonSerializer.DeserializeAsync<int[]>(pair.Server.AsStream());
        await sending;
        Assert.Equal(numbers, received);
    });

    [Fact]
    public void Reading_and_writing_at_once_from_two_threads() => OnLoop.Run(async () =>
    {
        const int total = 1_000_000;
        await using Pair pair = await Pair.ConnectAsync();
        Task echoing = Task.Run(async () =>
        {
            Stream stream = pair.Server.AsStream();
            byte[] buffer = new byte[10_000];
            while (await stream.ReadAsync(buffer) is > 0 and var count)
            {
                await stream.WriteAsync(buffer.AsMemory(0, count));
            }

            await stream.DisposeAsync();
        });
        Stream client = pair.Client.AsStream();
        Task sending = Task.Run(async () =>
        {
            for (int sent = 0; sent < total; sent += 1000)
            {
                await client.WriteAsync(Enumerable.Range(sent, 1000).Select(static position => Bytes.At(position, seed: 9)).ToArray());
            }
        });
        await Task.Run(async () =>
        {
            byte[] received = new byte[total];
            await client.ReadExactlyAsync(received);
            Assert.True(Enumerable.Range(0, total).All(position => received[position] == Bytes.At(position, seed: 9)));
        });
        await sending;
        await client.DisposeAsync();
        await echoing;
    });

    [Fact]
    public void Synchronous_reads_and_writes_work_off_the_loop_and_throw_on_it() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        Stream client = pair.Client.AsStream();
        Stream server = pair.Server.AsStream();
        byte[] buffer = new byte[10];
        var failure = Assert.Throws<InvalidOperationException>(() => client.Read(buffer, 0, 10));
        Assert.Contains("ReadAsync", failure.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => client.Write(buffer, 0, 10));
        await Task.Run(() =>
        {
            client.Write("hello"u8);
            client.Flush();
            server.ReadExactly(buffer, 0, 5);
            Assert.Equal("hello"u8, buffer.AsSpan(0, 5));
            server.WriteByte(7);
            Assert.Equal(7, client.ReadByte());
        });
    });

    [Fact]
    public void The_array_and_the_Begin_and_End_forms_work() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        Stream client = pair.Client.AsStream();
        Stream server = pair.Server.AsStream();
        byte[] buffer = [1, 2, 3, 4, 5];
#pragma warning disable CA1835 // The array forms are the case under test.
        await client.WriteAsync(buffer, 1, 3);
        byte[] received = new byte[10];
        Assert.Equal(3, await server.ReadAsync(received, 2, 8));
#pragma warning restore CA1835
        Assert.Equal([0, 0, 2, 3, 4, 0, 0, 0, 0, 0], received);
        await Task.Factory.FromAsync(client.BeginWrite, client.EndWrite, buffer, 0, 2, null);
        Assert.Equal(2, await Task.Factory.FromAsync(server.BeginRead, server.EndRead, received, 0, 10, null));
    });

    [Fact]
    public void It_has_no_position() => OnLoop.Run(static async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        Stream stream = pair.Client.AsStream();
        Assert.True(stream.CanRead && stream.CanWrite);
        Assert.False(stream.CanSeek || stream.CanTimeout);
        Assert.Throws<NotSupportedException>(() => stream.Length);
        Assert.Throws<NotSupportedException>(() => stream.Position);
        Assert.Throws<NotSupportedException>(() => stream.Seek(0, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => stream.SetLength(0));
        Assert.Same(stream, pair.Client.AsStream());
    });

    [Fact]
    public void An_empty_read_waits_until_there_is_something_to_read() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        Stream server = pair.Server.AsStream();
        ValueTask<int> empty = server.ReadAsync(Memory<byte>.Empty);
        await OnLoop.TurnsAsync(5);
        Assert.False(empty.IsCompleted);
        await pair.Client.Output.WriteAsync("abc"u8.ToArray());
        Assert.Equal(0, await empty);
        Assert.Equal(0, await server.ReadAsync(Memory<byte>.Empty));
        Assert.Equal(3, await server.ReadAsync(new byte[10]));
    });

    [Fact]
    public void The_end_is_zero_again_and_again() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        await pair.Client.Output.CompleteAsync();
        byte[] buffer = new byte[10];
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(0, await pair.Server.AsStream().ReadAsync(buffer));
        }

        Assert.Equal(0, await Task.Run(async () => await pair.Server.AsStream().ReadAsync(buffer)));
    });

    [Fact]
    public void A_token_ends_a_read_from_the_pool() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        Stream server = pair.Server.AsStream();
        byte[] buffer = new byte[10];
        for (int i = 0; i < 100; i++)
        {
            using var source = new CancellationTokenSource();
            Task<int> reading = Task.Run(() => server.ReadAsync(buffer, source.Token).AsTask());
            Task cancelling = Task.Run(source.Cancel);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
            await cancelling;
        }

        await pair.Client.Output.WriteAsync("abc"u8.ToArray());
        Assert.Equal(3, await server.ReadAsync(buffer));
    });

    [Fact]
    public void Disposed_it_refuses_on_the_loop_and_from_the_pool() => OnLoop.Run(async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        Stream stream = pair.Client.AsStream();
        byte[] buffer = new byte[10];
        Task<int> reading = stream.ReadAsync(buffer).AsTask();
        await Task.Run(stream.Dispose);
        await Assert.ThrowsAsync<IOException>(() => reading);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Task.Run(async () => await stream.ReadAsync(buffer)));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Task.Run(async () => await stream.WriteAsync(buffer)));
        await stream.DisposeAsync();
    });

    [Fact]
    public void Used_after_the_loops_end_it_says_so()
    {
        Stream stream = OnLoop.Run(static async () =>
        {
            Pair pair = await Pair.ConnectAsync();
            return pair.Client.AsStream();
        });
        byte[] buffer = new byte[10];
        var failure = Assert.Throws<IOException>(() => stream.Read(buffer, 0, 10));
        Assert.Contains("loop-0", failure.Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => stream.Write(buffer, 0, 10));
        stream.Dispose();
    }

    [Fact]
    public async Task A_read_from_the_pool_that_waits_when_the_loop_ends_is_told()
    {
        Task<int>? reading = null;
        byte[] buffer = new byte[10];
        OnLoop.Run(async () =>
        {
            Pair pair = await Pair.ConnectAsync();
            Stream stream = pair.Client.AsStream();
            using var calling = new ManualResetEventSlim();
            reading = Task.Run(async () =>
            {
                ValueTask<int> read = stream.ReadAsync(buffer);
                calling.Set();
                return await read;
            });
            await Task.Run(calling.Wait);
            await OnLoop.TurnsAsync(3);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading!.WaitAsync(OnLoop.HangBound));
    }

    private static async Task ExchangeLinesAsync(Pair pair)
    {
        Task serving = ServeAsync(pair.Server);
        using var reader = new StreamReader(pair.Client.AsStream(), Encoding.UTF8, leaveOpen: true);
        await using var writer = new StreamWriter(pair.Client.AsStream(), leaveOpen: true) { AutoFlush = true };
        for (int i = 0; i < 200; i++)
        {
            string line = new('ä', i);
            await writer.WriteLineAsync(line);
            Assert.Equal($"{line}!", await reader.ReadLineAsync());
        }

        await pair.Client.AsStream().DisposeAsync();
        await serving;

        static async Task ServeAsync(TcpConnection connection)
        {
            using var reader = new StreamReader(connection.AsStream());
            await using var writer = new StreamWriter(connection.AsStream()) { AutoFlush = true };
            while (await reader.ReadLineAsync() is { } line)
            {
                await writer.WriteLineAsync($"{line}!");
            }
        }
    }
}
