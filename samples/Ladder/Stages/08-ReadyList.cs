using Gyre.Generators;
using Gyre.Net;
using AnyGenerator = Gyre.Generators.Generator<object, object?, object?>;

namespace Gyre.Samples.Ladder;

/// <summary>
/// Two-way generators on a stack, and a list of those that may go on, each with what it is to be sent. A callback no longer
/// runs a handler, deep inside somebody else's turn: it adds to the list, and the list is worked off from one place, in order.
/// That is a scheduler, and this one is written by hand. It still has to be told what a job is and how it is begun,
/// so whatever isn't a job of its own (a cache, a second handler, a library) can't be waited for.
/// </summary>
internal sealed class ReadyList(EventLoop loop)
{
    private readonly Queue<(Stack<AnyGenerator> Handler, object? Value, Exception? Failure)> _ready = [];

    public static void Run(Setting setting)
    {
        ReadyList? list = null;
        LoopServer.Run(setting, client =>
        {
            list ??= new ReadyList(EventLoop.Current);
            list.Add(new Stack<AnyGenerator>([Handle(client, setting)]), null, null);
        });
    }

    private void Add(Stack<AnyGenerator> handler, object? value, Exception? failure)
    {
        _ready.Enqueue((handler, value, failure));
        if (_ready.Count == 1)
        {
            loop.Post(ProcessReady);
        }
    }

    /// <summary>Only those that are ready now: what they make ready waits for its turn, so that nobody starves.</summary>
    private void ProcessReady()
    {
        for (int count = _ready.Count; count > 0; count--)
        {
            (Stack<AnyGenerator> handler, object? value, Exception? failure) = _ready.Peek();
            Drive(handler, value, failure);
            _ready.Dequeue();
        }

        if (_ready.Count > 0)
        {
            loop.Post(ProcessReady);
        }
    }

    /// <summary>Runs a stack of generators until one of them waits for a job, or the outermost has ended.</summary>
    private void Drive(Stack<AnyGenerator> handler, object? value, Exception? failure)
    {
        while (handler.TryPeek(out AnyGenerator? top))
        {
            try
            {
                Step<object, object?> step = failure is not null ? top.Throw(failure)
                    : top.State == GeneratorState.Created ? top.Next()
                    : top.Send(value);
                (value, failure) = (step.IsReturn ? step.Returned : null, null);
                if (step.IsReturn)
                {
                    handler.Pop();
                }
                else if (step.Yielded is AnyGenerator called)
                {
                    handler.Push(called);
                }
                else
                {
                    ((IJob)step.Yielded).Begin(job => Add(handler, job.Failure is null ? job.Value : null, job.Failure));
                    return;
                }
            }
            catch (IOException thrown)
            {
                // The caller's, where it waits for this one. Of the outermost it is the client that broke the connection.
                handler.Pop();
                failure = thrown;
            }
        }
    }

    private static AnyGenerator Handle(TcpConnection client, Setting setting) => Generator.Create<object, object?, object?>(async g =>
    {
        using IDisposable closing = Io.Closing(client);
        if (((Message)(await g.Yield(Receive(client)))!).Path is { } path)
        {
            var response = (Response?)await g.Yield(Fetch(setting.UrlFor(path)));
            await g.Yield(Io.Sleep(setting.Wait));
            await g.Yield(Io.Write(client, setting.Answer(path, response)));
        }

        return null;
    });

    private static AnyGenerator Fetch(Uri url) => Generator.Create<object, object?, object?>(async g =>
    {
        try
        {
            var upstream = (TcpConnection)(await g.Yield(Io.Connect(url)))!;
            using IDisposable closing = Io.Closing(upstream);
            await g.Yield(Io.Write(upstream, Http.Question(url)));
            return ((Message)(await g.Yield(Receive(upstream)))!).Response;
        }
        catch (IOException)
        {
            return null;
        }
    });

    private static AnyGenerator Receive(TcpConnection connection) => Generator.Create<object, object?, object?>(async g =>
    {
        var message = new Message();
        while (!message.Add((byte[])(await g.Yield(Io.Read(connection)))!))
        {
        }

        return message;
    });
}
