using Gyre.Generators;
using Gyre.Net;

namespace Gyre.Samples.Ladder;

/// <summary>
/// <c>yield from</c>: a generator lets another one speak in its place, and has what that returns, typed, as the value of the
/// expression. The stack is the language's business, so the handler falls into methods again, and waiting for a future is such a
/// method too: it yields the future and returns its result. All that's missing is better words: every method that waits must be
/// made with <c>Generator.Create</c>, called with <c>YieldFrom</c>, and driven by somebody.
/// </summary>
internal static class Delegation
{
    public static void Run(Setting setting) => LoopServer.Run(setting, client =>
    {
        Generator<Waitable, bool, bool> handler = Handle(client, setting);
        Drive(handler, handler.Next);
    });

    private static void Drive(Generator<Waitable, bool, bool> handler, Func<Step<Waitable, bool>> resume)
    {
        Step<Waitable, bool> step = resume();
        if (!step.IsReturn)
        {
            // How it ended, the generator asks the future itself.
            Future waiting = Future.All([step.Yielded]);
            waiting.AddDoneCallback(done => Drive(handler, () => handler.Send(done.Failure is null)));
        }
    }

    private static Generator<Waitable, bool, T> Wait<T>(Future<T> future) => Generator.Create<Waitable, bool, T>(async g =>
    {
        await g.Yield(future);
        return future.Result;
    });

    private static Generator<Waitable, bool, bool> Handle(TcpConnection client, Setting setting) => Generator.Create<Waitable, bool, bool>(async g =>
    {
        using IDisposable closing = Io.Closing(client);
        try
        {
            if (await g.YieldFrom(ReceivePath(client)) is not { } path)
            {
                return false;
            }

            Response? response = await g.YieldFrom(Fetch(setting.UrlFor(path)));
            await g.YieldFrom(Wait(Io.Sleep(setting.Wait).Begin()));
            return await g.YieldFrom(Wait(Io.Write(client, setting.Answer(path, response)).Begin()));
        }
        catch (IOException)
        {
            // The client broke the connection.
            return false;
        }
    });

    private static Generator<Waitable, bool, string?> ReceivePath(TcpConnection client) => Generator.Create<Waitable, bool, string?>(async g =>
    {
        var request = new Message();
        while (!request.Add(await g.YieldFrom(Wait(Io.Read(client).Begin()))))
        {
        }

        return request.Path;
    });

    private static Generator<Waitable, bool, Response?> Fetch(Uri url) => Generator.Create<Waitable, bool, Response?>(async g =>
    {
        try
        {
            return await g.YieldFrom(Wait(Client.Request(url)));
        }
        catch (IOException)
        {
            return null;
        }
    });
}
