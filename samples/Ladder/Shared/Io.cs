using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Gyre.Net;

namespace Gyre.Samples.Ladder;

/// <summary>The four operations that the handler needs: as jobs, and, for whoever can await, as methods. All fail with an IOException.</summary>
internal static class Io
{
    public static Job<TcpConnection> Connect(Uri url) => new(() => ConnectAsync(url));

    public static Job<byte[]> Read(TcpConnection connection) => new(() => ReadAsync(connection));

    public static Job<bool> Write(TcpConnection connection, byte[] data) => new(() => WriteAsync(connection, data));

    public static Job<bool> Sleep(TimeSpan time) => new(() => SleepAsync(time));

    /// <summary>What was written is still sent.</summary>
    public static void Close(TcpConnection connection) => _ = connection.DisposeAsync();

    /// <summary>For a handler that may say <c>using</c>.</summary>
    public static IDisposable Closing(TcpConnection connection) => connection.AsStream();

    public static async ValueTask<TcpConnection> ConnectAsync(Uri url)
    {
        try
        {
            return await TcpConnection.ConnectAsync(Http.EndPoint(url));
        }
        catch (SocketException failure)
        {
            throw new IOException($"{url} can't be reached: {failure.Message}", failure);
        }
    }

    /// <summary>What has come, at least a byte; none when the other side has ended.</summary>
    public static async ValueTask<byte[]> ReadAsync(TcpConnection connection)
    {
        ReadResult read = await connection.Input.ReadAsync();
        byte[] piece = read.Buffer.ToArray();
        connection.Input.AdvanceTo(read.Buffer.End);
        return piece;
    }

    public static async ValueTask<bool> WriteAsync(TcpConnection connection, byte[] data)
    {
        await connection.Output.WriteAsync(data);
        return true;
    }

    private static async ValueTask<bool> SleepAsync(TimeSpan time)
    {
        await Coroutine.SleepAsync(time);
        return true;
    }
}
