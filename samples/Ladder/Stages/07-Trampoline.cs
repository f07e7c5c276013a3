using Gyre.Generators;
using Gyre.Net;

namespace Gyre.Samples.Ladder;

/// <summary>
/// Iterators that call iterators. A trampoline keeps those that run on a stack of its own: a call that is yielded is pushed, one
/// that ends is popped and its caller goes on, and only what really waits comes out at the top, for the loop. So the handler falls
/// into methods at last, and a failure climbs from call to call. What calls give back is read off the call, as with all
/// iterators, <c>catch</c> goes around that reading only, and the driver knows of nothing but jobs.
/// </summary>
internal static class Trampolines
{
    public static void Run(Setting setting) =>
        LoopServer.Run(setting, client => Drive(new Trampoline(Iterator.Call(Handle(client, setting)))));

    private static void Drive(Trampoline handler)
    {
        if (handler.MoveNext())
        {
            ((IJob)handler.Current).Begin(_ => Drive(handler));
            return;
        }

        try
        {
            handler.ThrowIfFailed();
        }
        catch (IOException)
        {
            // The client broke the connection.
        }
    }

    private static IEnumerable<Yieldable> Handle(TcpConnection client, Setting setting)
    {
        using IDisposable closing = Io.Closing(client);
        IteratorCall<Message> request = Iterator.Call<Message>(Receive(client));
        yield return request;
        if (request.Result.Path is not { } path)
        {
            yield break;
        }

        IteratorCall<Response?> fetch = Iterator.Call<Response?>(Fetch(setting.UrlFor(path)));
        yield return fetch;
        Response? response = fetch.Failure is IOException ? null : fetch.Result;
        yield return Io.Sleep(setting.Wait);
        yield return Io.Write(client, setting.Answer(path, response));
    }

    private static IEnumerable<Yieldable> Fetch(Uri url)
    {
        Job<TcpConnection> connect = Io.Connect(url);
        yield return connect;
        using IDisposable closing = Io.Closing(connect.Result);
        yield return Io.Write(connect.Result, Http.Question(url));
        IteratorCall<Message> response = Iterator.Call<Message>(Receive(connect.Result));
        yield return response;
        yield return Iterator.Return(response.Result.Response);
    }

    private static IEnumerable<Yieldable> Receive(TcpConnection connection)
    {
        var message = new Message();
        Job<byte[]> read;
        do
        {
            read = Io.Read(connection);
            yield return read;
        }
        while (!message.Add(read.Result));

        yield return Iterator.Return(message);
    }
}
