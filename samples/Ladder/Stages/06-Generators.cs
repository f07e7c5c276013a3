using Gyre.Generators;
using Gyre.Net;
using HandlerGenerator = Gyre.Generators.Generator<Gyre.Samples.Ladder.IJob, object?, bool>;

namespace Gyre.Samples.Ladder;

/// <summary>
/// A generator goes both ways: what a wait came to is sent in where the generator yielded, and a failure is thrown in there, so
/// that <c>try</c> and <c>catch</c> mean what they always did. (C# spells such a yield <c>await g.Yield(…)</c>; nothing
/// is awaited.) What is sent in has no type but <c>object</c>, and the handler is still one long method, because one generator
/// that calls another would have to drive it.
/// </summary>
internal static class Generators
{
    public static void Run(Setting setting) => LoopServer.Run(setting, client =>
    {
        HandlerGenerator handler = Handle(client, setting);
        Drive(handler, handler.Next);
    });

    private static void Drive(HandlerGenerator handler, Func<Step<IJob, bool>> resume)
    {
        Step<IJob, bool> step = resume();
        if (!step.IsReturn)
        {
            step.Yielded.Begin(job => Drive(handler, () => job.Failure is { } failure ? handler.Throw(failure) : handler.Send(job.Value)));
        }
    }

    private static HandlerGenerator Handle(TcpConnection client, Setting setting) => Generator.Create<IJob, object?, bool>(async g =>
    {
        using IDisposable closing = Io.Closing(client);
        try
        {
            var request = new Message();
            while (!request.Add((byte[])(await g.Yield(Io.Read(client)))!))
            {
            }

            if (request.Path is not { } path)
            {
                return false;
            }

            // Fetching the response is a job of its own, and should be a method of its own.
            Response? response = null;
            try
            {
                Uri url = setting.UrlFor(path);
                var upstream = (TcpConnection)(await g.Yield(Io.Connect(url)))!;
                using IDisposable closingUpstream = Io.Closing(upstream);
                await g.Yield(Io.Write(upstream, Http.Question(url)));
                var received = new Message();
                while (!received.Add((byte[])(await g.Yield(Io.Read(upstream)))!))
                {
                }

                response = received.Response;
            }
            catch (IOException)
            {
                // No response: the client is told so.
            }

            await g.Yield(Io.Sleep(setting.Wait));
            await g.Yield(Io.Write(client, setting.Answer(path, response)));
            return true;
        }
        catch (IOException)
        {
            // The client broke the connection.
            return false;
        }
    });
}
