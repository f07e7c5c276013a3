using Gyre.Net;

namespace Gyre.Samples.Ladder;

/// <summary>A client in one method.</summary>
internal static class Client
{
    /// <summary>Asks for <paramref name="url"/>; the future fails with an IOException when no answer comes.</summary>
    public static Future<Response> Request(Uri url) => new Job<Response>(() => RequestAsync(url)).Begin();

    private static async ValueTask<Response> RequestAsync(Uri url)
    {
        await using TcpConnection upstream = await Io.ConnectAsync(url);
        await Io.WriteAsync(upstream, Http.Question(url));
        var response = new Message();
        while (!response.Add(await Io.ReadAsync(upstream)))
        {
        }

        return response.Response ?? throw new IOException($"{url} gave no answer that could be used.");
    }
}
