using System.IO.Pipelines;
using Gyre.Net;

namespace Gyre.Tests;

/// <summary>What a normal client and its server do beside those that misbehave.</summary>
internal static class Echo
{
    public static async Task RunAsync(TcpConnection connection)
    {
        while (true)
        {
            ReadResult result = await connection.Input.ReadAsync();
            foreach (ReadOnlyMemory<byte> part in result.Buffer)
            {
                await connection.Output.WriteAsync(part);
            }

            connection.Input.AdvanceTo(result.Buffer.End);
        }
    }

    public static async Task PingAsync(TcpConnection connection)
    {
        await connection.Output.WriteAsync("ping"u8.ToArray());
        ReadResult result = await connection.Input.ReadAtLeastAsync(4);
        Assert.Equal(4, result.Buffer.Length);
        connection.Input.AdvanceTo(result.Buffer.End);
    }
}
