using Gyre.Net;

namespace Gyre.Samples.Ladder;

/// <summary>
/// The handler is one method again: an iterator, which yields what it waits for and is moved on when that has ended. Loops are
/// loops, locals are locals, and <c>using</c> closes. But it can only hand out: a result is read off the job that was yielded, a
/// failure is noticed by whoever thinks of looking, and since a method that waits must be the iterator itself, nothing can be put
/// into a method of its own: the two loops that receive stand here twice.
/// </summary>
internal static class Iterators
{
    public static void Run(Setting setting) => LoopServer.Run(setting, client => Drive(Handle(client, setting).GetEnumerator()));

    /// <summary>Runs a handler up to its next wait. The callback is all that's left of the table: it knows whom it belongs to.</summary>
    private static void Drive(IEnumerator<IJob> handler)
    {
        try
        {
            if (handler.MoveNext())
            {
                handler.Current.Begin(_ => Drive(handler));
            }
        }
        catch (IOException)
        {
            // The client broke the connection, and the iterator has ended.
        }
    }

    private static IEnumerable<IJob> Handle(TcpConnection client, Setting setting)
    {
        using IDisposable closing = Io.Closing(client);
        var request = new Message();
        Job<byte[]> read;
        do
        {
            read = Io.Read(client);
            yield return read;
        }
        while (!request.Add(read.Result));

        if (request.Path is not { } path)
        {
            yield break;
        }

        var response = new Message();
        Job<TcpConnection> connect = Io.Connect(setting.UrlFor(path));
        yield return connect;
        if (connect.Failure is null)
        {
            using IDisposable closingUpstream = Io.Closing(connect.Result);
            Job<bool> ask = Io.Write(connect.Result, Http.Question(setting.UrlFor(path)));
            yield return ask;
            bool goesOn = ask.Failure is null;
            while (goesOn)
            {
                read = Io.Read(connect.Result);
                yield return read;
                goesOn = read.Failure is null && !response.Add(read.Result);
            }
        }

        yield return Io.Sleep(setting.Wait);
        yield return Io.Write(client, setting.Answer(path, response.Response));
    }
}
