using System.IO.Pipelines;
using Gyre.Net;

namespace Gyre.Simulation.Tests;

/// <summary>Reading to the end of a stream.</summary>
internal static class Streams
{
    public static async Task<long> CountToEndAsync(TcpConnection connection)
    {
        long count = 0;
        while (true)
        {
            ReadResult read = await connection.Input.ReadAsync();
            count += read.Buffer.Length;
            connection.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return count;
            }
        }
    }
}
