using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gyre.Http.Tests.Server;

/// <summary>
/// A client that sends exactly the bytes it is given and reads answers strictly. Over a socket of the BCL from a test's
/// thread, or over a Gyre connection on a loop.
/// </summary>
internal sealed class HttpPeer(Stream stream, Socket? socket = null) : IDisposable
{
    private byte[] _buffer = new byte[16384];
    private int _start;
    private int _end;

    public static async Task<HttpPeer> ConnectAsync(IPEndPoint endPoint, int? receiveBufferBytes = null)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBufferBytes is { } bytes)
        {
            socket.ReceiveBufferSize = bytes;
        }

        await socket.ConnectAsync(endPoint).OrFail();
        return new HttpPeer(new NetworkStream(socket, ownsSocket: true), socket);
    }

    public void Dispose() => stream.Dispose();

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await stream.WriteAsync(bytes).OrFail();

    /// <summary>Sends what the peer may refuse to take to the end.</summary>
    public async Task SendAsFarAsPossibleAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await SendAsync(bytes);
        }
        catch (IOException)
        {
            // The peer closed meanwhile; what the test wants to see is what it said before.
        }
    }

    public async Task<Answer> AskAsync(string request, bool isHead = false)
    {
        await SendAsync(request);
        return await ReceiveAsync(isHead);
    }

    /// <summary>Reads one response, framed as its head says.</summary>
    public async Task<Answer> ReceiveAsync(bool isHead = false)
    {
        string head = await ReceiveHeadAsync();
        var answer = new Answer(head, []);
        if (isHead || answer.Status is < 200 or 204 or 304)
        {
            return answer;
        }

        if (answer["Transfer-Encoding"] == "chunked")
        {
            return answer with { Body = await ReceiveChunksAsync() };
        }

        return answer["Content-Length"] is { } length
            ? answer with { Body = await ReceiveExactlyAsync(int.Parse(length, CultureInfo.InvariantCulture)) }
            : answer with { Body = await ReceiveRestAsync() };
    }

    public async Task<string> ReceiveHeadAsync()
    {
        var lines = new StringBuilder();
        while (await ReceiveLineAsync() is { Length: > 0 } line)
        {
            lines.Append(lines.Length > 0 ? "\r\n" : "").Append(line);
        }

        return lines.ToString();
    }

    /// <summary>Everything up to the end of the stream.</summary>
    public async Task<byte[]> ReceiveRestAsync()
    {
        using var all = new MemoryStream();
        do
        {
            all.Write(_buffer, _start, _end - _start);
            _start = _end;
        }
        while (await FillAsync());

        return all.ToArray();
    }

    public async Task<byte[]> ReceiveExactlyAsync(int count)
    {
        byte[] bytes = new byte[count];
        for (int done = 0; done < count;)
        {
            await NeedAsync();
            int taken = Math.Min(count - done, _end - _start);
            _buffer.AsSpan(_start, taken).CopyTo(bytes.AsSpan(done));
            _start += taken;
            done += taken;
        }

        return bytes;
    }

    /// <summary>Asserts that the stream ends here, in order.</summary>
    public async Task ReceiveEndAsync() => Assert.Equal("", Encoding.Latin1.GetString(await ReceiveRestAsync()));

    /// <summary>Asserts that the connection breaks, rather than ends in order, after at most what was in flight.</summary>
    public async Task ReceiveBreakAsync() => await Assert.ThrowsAnyAsync<IOException>(ReceiveRestAsync);

    public void EndSending() => socket!.Shutdown(SocketShutdown.Send);

    /// <summary>Ends the connection with a reset.</summary>
    public void Reset()
    {
        socket!.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    /// <summary>The body behind a head that was read with <see cref="ReceiveHeadAsync"/>.</summary>
    public async Task<byte[]> ReceiveChunksAsync()
    {
        using var body = new MemoryStream();
        while (await ReceiveChunkAsync() is { Length: > 0 } chunk)
        {
            body.Write(chunk);
        }

        return body.ToArray();
    }

    /// <summary>One chunk; the last one is empty.</summary>
    public async Task<byte[]> ReceiveChunkAsync()
    {
        int size = int.Parse(await ReceiveLineAsync(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        byte[] chunk = await ReceiveExactlyAsync(size);
        Assert.Equal("", await ReceiveLineAsync());
        return chunk;
    }

    private async Task<string> ReceiveLineAsync()
    {
        var line = new StringBuilder();
        while (true)
        {
            await NeedAsync();
            char next = (char)_buffer[_start++];
            if (next == '\n')
            {
                Assert.Equal('\r', line[^1]);
                return line.ToString(0, line.Length - 1);
            }

            line.Append(next);
        }
    }

    private async Task NeedAsync()
    {
        if (_start == _end && !await FillAsync())
        {
            throw new EndOfStreamException("The server closed the connection within a response.");
        }
    }

    private async Task<bool> FillAsync()
    {
        _start = 0;
        _end = 0;
        _end = await stream.ReadAsync(_buffer).OrFail();
        return _end > 0;
    }
}
