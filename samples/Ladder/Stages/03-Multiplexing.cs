using System.Net.Sockets;

namespace Gyre.Samples.Ladder;

/// <summary>
/// One thread again, and it never blocks in a handler: it tells the system which sockets it is interested in, and is told which
/// are ready. What a thread's stack remembered, how far a request has come, is now a state that the program keeps by hand; the
/// handler is gone from sight, cut into the arms of a switch. The loop, the table of states and the handler are one knot, and
/// another handler would mean tying it anew.
/// </summary>
internal sealed class Multiplexing(Setting setting)
{
    private readonly List<Exchange> _exchanges = [];
    private readonly byte[] _piece = new byte[1024];

    private enum State
    {
        ReceivingRequest,
        Connecting,
        ReceivingResponse,
        Waiting,
        Answering,
        Ended,
    }

    public static void Run(Setting setting)
    {
        var server = new Multiplexing(setting);
        using Socket listener = SocketListener.Listen(setting);
        while (!setting.Stop.IsCancellationRequested)
        {
            server.Turn(listener);
        }
    }

    private void Turn(Socket listener)
    {
        // Register interest, and collect who is ready.
        List<Socket> reading = [listener, .. _exchanges.FindAll(one => one.Reads).ConvertAll(one => one.Socket)];
        List<Socket> writing = _exchanges.FindAll(one => one.Writes).ConvertAll(one => one.Socket);
        Socket.Select(reading, writing, null, TimeToNextTimer());

        if (reading.Remove(listener))
        {
            Socket caller = listener.Accept();
            caller.Blocking = false;
            _exchanges.Add(new Exchange(caller));
        }

        HashSet<Socket> ready = [.. reading, .. writing];
        foreach (Exchange exchange in _exchanges)
        {
            if (exchange.State == State.Waiting ? exchange.DueAt <= Environment.TickCount64 : ready.Contains(exchange.Socket))
            {
                Advance(exchange);
            }
        }

        _exchanges.RemoveAll(exchange => exchange.State == State.Ended);
    }

    private TimeSpan TimeToNextTimer()
    {
        var waiting = _exchanges.Where(exchange => exchange.State == State.Waiting).ToArray();
        return waiting.Length == 0
            ? Timeout.InfiniteTimeSpan
            : TimeSpan.FromMilliseconds(Math.Max(0, waiting.Min(exchange => exchange.DueAt) - Environment.TickCount64));
    }

    /// <summary>The handler: what a request does next, now that what it waited for has come.</summary>
    private void Advance(Exchange exchange)
    {
        try
        {
            exchange.State = exchange.State switch
            {
                State.ReceivingRequest => ReceiveRequest(exchange),
                State.Connecting => Ask(exchange),
                State.ReceivingResponse => ReceiveResponse(exchange),
                State.Waiting => State.Answering,
                _ => Answer(exchange),
            };
        }
        catch (SocketException) when (exchange.State is State.Connecting or State.ReceivingResponse)
        {
            exchange.State = Wait(exchange);
        }
        catch (SocketException)
        {
            exchange.State = End(exchange);
        }
    }

    private State ReceiveRequest(Exchange exchange)
    {
        if (!exchange.Asked.Add(_piece.AsSpan(0, exchange.Caller.Receive(_piece))))
        {
            return State.ReceivingRequest;
        }

        return exchange.Asked.Path is { } path ? Connect(exchange, setting.UrlFor(path)) : End(exchange);
    }

    private State Connect(Exchange exchange, Uri url)
    {
        exchange.Upstream = new Socket(SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            exchange.Upstream.Connect(Http.EndPoint(url));
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.WouldBlock)
        {
            // Under way; the socket is writable once it is connected, or can't be, and then the first use of it says so.
        }
        catch (SocketException)
        {
            return Wait(exchange);
        }

        return State.Connecting;
    }

    private State Ask(Exchange exchange)
    {
        exchange.Upstream!.Send(Http.Question(setting.UrlFor(exchange.Asked.Path!)));
        return State.ReceivingResponse;
    }

    private State ReceiveResponse(Exchange exchange)
    {
        bool ended = exchange.Answered.Add(_piece.AsSpan(0, exchange.Upstream!.Receive(_piece)));
        return ended ? Wait(exchange) : State.ReceivingResponse;
    }

    private State Wait(Exchange exchange)
    {
        exchange.Upstream!.Dispose();
        exchange.DueAt = Environment.TickCount64 + (long)setting.Wait.TotalMilliseconds;
        return State.Waiting;
    }

    private State Answer(Exchange exchange)
    {
        // Of a longer answer the socket would take a part, and the rest would be one more state.
        exchange.Caller.Send(setting.Answer(exchange.Asked.Path!, exchange.Answered.Response));
        return End(exchange);
    }

    private static State End(Exchange exchange)
    {
        exchange.Caller.Dispose();
        return State.Ended;
    }

    /// <summary>What the thread of a request kept on its stack.</summary>
    private sealed class Exchange(Socket caller)
    {
        public State State { get; set; }
        public Socket Caller => caller;
        public Message Asked { get; } = new();
        public Socket? Upstream { get; set; }
        public Message Answered { get; } = new();
        public long DueAt { get; set; }

        public Socket Socket => State is State.Connecting or State.ReceivingResponse ? Upstream! : caller;
        public bool Reads => State is State.ReceivingRequest or State.ReceivingResponse;
        public bool Writes => State is State.Connecting or State.Answering;
    }
}
