using Gyre.Generators;
using Gyre.Net;
using Handler = Gyre.Generators.Generator<Gyre.Waitable, bool, bool>;

namespace Gyre.Samples.Ladder;

/// <summary>
/// A future stands for a result that will come, with its type, whoever brings it. <c>Request(url)</c> returns one, and how it does
/// its work is its own affair: the handler needn't call it as a generator, and the driver needn't know jobs. A callback on the
/// future, which the loop queues behind what is ready, takes the place of the list. But the handler begins, waits and then asks,
/// three words for one thing, and parts of it that wait can't be methods again.
/// </summary>
internal static class Futures
{
    public static void Run(Setting setting) => LoopServer.Run(setting, client =>
    {
        Handler handler = Handle(client, setting);
        Drive(handler, handler.Next);
    });

    private static void Drive(Handler handler, Func<Step<Waitable, bool>> resume)
    {
        Step<Waitable, bool> step = resume();
        if (!step.IsReturn)
        {
            // All of one future: one face for futures of any type.
            Future waiting = Future.All([step.Yielded]);
            waiting.AddDoneCallback(done => Drive(handler, () => done.Failure is { } failure ? handler.Throw(failure) : handler.Send(true)));
        }
    }

    private static Handler Handle(TcpConnection client, Setting setting) => Generator.Create<Waitable, bool, bool>(async g =>
    {
        using IDisposable closing = Io.Closing(client);
        try
        {
            var request = new Message();
            Future<byte[]> read;
            do
            {
                read = Io.Read(client).Begin();
                await g.Yield(read);
            }
            while (!request.Add(read.Result));

            if (request.Path is not { } path)
            {
                return false;
            }

            Response? response = null;
            try
            {
                Future<Response> requested = Client.Request(setting.UrlFor(path));
                await g.Yield(requested);
                response = requested.Result;
            }
            catch (IOException)
            {
                // No response: the client is told so.
            }

            await g.Yield(Io.Sleep(setting.Wait).Begin());
            await g.Yield(Io.Write(client, setting.Answer(path, response)).Begin());
            return true;
        }
        catch (IOException)
        {
            // The client broke the connection.
            return false;
        }
    });
}
