using Gyre.Net;
using Gyre.Promises;

namespace Gyre.Samples.Ladder;

/// <summary>
/// The other way from futures, JavaScript's: no generator and no new words, a future's <c>Then</c> takes what is to be done with its
/// result and gives the future of that. Failures pass down the chain to the next <c>Catch</c>, and <c>Finally</c> closes. It reads
/// well while it is a chain; a loop is a method that chains itself, a value that is needed further down must be carried there,
/// and so those who had this first took <c>await</c> too.
/// </summary>
internal static class Promises
{
    public static void Run(Setting setting) => LoopServer.Run(setting, client =>
    {
        _ = Receive(client, new Message())
            .Then(request => request.Path is { } path ? Answer(client, path, setting) : Settled(true))
            .Catch(failure => failure is IOException ? Settled(false) : throw failure)
            .Finally(() => client.DisposeAsync());
    });

    private static Future<Message> Receive(TcpConnection client, Message request) => Io.Read(client).Begin()
        .Then(piece => request.Add(piece) ? Settled(request) : Receive(client, request));

    private static Future<bool> Answer(TcpConnection client, string path, Setting setting) => Fetch(setting.UrlFor(path))
        .Then(response => Io.Sleep(setting.Wait).Begin()
            .Then(_ => Io.Write(client, setting.Answer(path, response)).Begin()));

    private static Future<Response?> Fetch(Uri url) => Client.Request(url)
        .Then(response => (Response?)response)
        .Catch(failure => failure is IOException ? (Response?)null : throw failure);

    private static Future<T> Settled<T>(T value)
    {
        var settled = new Future<T>();
        settled.SetResult(value);
        return settled;
    }
}
