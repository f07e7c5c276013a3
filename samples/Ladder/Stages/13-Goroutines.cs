using Gyre.Channels;
using Gyre.Net;

namespace Gyre.Samples.Ladder;

/// <summary>
/// Go's way: whoever has something to do does it in a coroutine of its own, and what comes of it is sent through a channel. The
/// handler then waits for the first of several things, here the answer or a limit, and neither needs to know of the other. What
/// nobody receives any more has to be told so, and that is the group's part: leaving it cancels and awaits whoever is left.
/// </summary>
internal static class Goroutines
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

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
        LoopChannel<Response?> answers = LoopChannel.CreateRendezvous<Response?>("answers");
        var select = new Select();
        SelectReceive<Response?> answer = select.Receive(answers.Reader);
        select.After(s_patience);
        Response? response = null;
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(() => AskAsync(url, answers.Writer), "upstream");
            response = await select.WaitAsync() == answer ? answer.Item : null;
            group.Cancel();
        });
        return response;
    }

    private static async Task AskAsync(Uri url, LoopWriter<Response?> answers)
    {
        Response? response = null;
        try
        {
            response = await Client.Request(url);
        }
        catch (IOException)
        {
            // No answer is what it sends then.
        }

        await answers.WriteAsync(response);
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
