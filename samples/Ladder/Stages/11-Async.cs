using Gyre.Net;

namespace Gyre.Samples.Ladder;

/// <summary>
/// The words: <c>async</c> makes the generator, <c>await</c> delegates to what it waits for, and the loop drives. Put it beside the
/// first stage: the same lines in the same order, on one thread, for as many clients as come. What is left to know is that every
/// <c>await</c> lets others run, and that <c>async</c> is catching: whoever calls a method that waits must be one.
/// </summary>
internal static class Async
{
    public static void Run(Setting setting) => LoopServer.Run(setting, client => HandleAsync(client, setting));

    private static async Task HandleAsync(TcpConnection client, Setting setting)
    {
        await using (client)
        {
            try
            {
                if (await ReceivePathAsync(client) is not { } path)
                {
                    return;
                }

                Response? response = await FetchAsync(setting.UrlFor(path));
                await Coroutine.SleepAsync(setting.Wait);
                await Io.WriteAsync(client, setting.Answer(path, response));
            }
            catch (IOException)
            {
                // The client broke the connection; the others are served.
            }
        }
    }

    private static async Task<Response?> FetchAsync(Uri url)
    {
        try
        {
            return await Client.Request(url);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task<string?> ReceivePathAsync(TcpConnection client)
    {
        var request = new Message();
        while (!request.Add(await Io.ReadAsync(client)))
        {
        }

        return request.Path;
    }
}
