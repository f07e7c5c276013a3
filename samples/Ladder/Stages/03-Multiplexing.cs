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
    private readonly List<Request> _requests = [];
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
        List<Socket> reading = [listener, .. _requests.Where(request => request.Reads).Select(request => request.Socket)];
        List<Socket> writing = [.. _requests.Where(request => request.Writes).Select(request => request.Socket)];
        Socket.Select(reading, writing, null, TimeToNextTimer());

        if (reading.Remove(listener))
        {
            _requests.Add(new Request(listener.Accept()));
        }

        HashSet<Socket> ready = [.. reading, .. writing];
        foreach (Request request in _requests)
        {
            if (request.State == State.Waiting ? request.DueAt <= Environment.TickCount64 : ready.Contains(request.Socket))
            {
                Advance(request);
            }
        }

        _requests.RemoveAll(request => request.State == State.Ended);
    }

    private TimeSpan TimeToNextTimer()
    {
        var waiting = _requests.Where(request => request.State == State.Waiting).ToArray();
        return waiting.Length == 0
            ? Timeout.InfiniteTimeSpan
            : TimeSpan.FromMilliseconds(Math.Max(0, waiting.Min(request => request.DueAt) - Environment.TickCount64));
    }

    /// <summary>The handler: what a request does next, now that what it waited for has come.</summary>
    private void Advance(Request request)
    {
        try
        {
            request.State = request.State switch
            {
                State.ReceivingRequest => ReceiveRequest(request),
                State.Connecting => Ask(request),
                State.ReceivingResponse => ReceiveResponse(request),
                State.Waiting => State.Answering,
                _ => Answer(request),
            };
        }
        catch (SocketException) when (request.State is State.Connecting or State.ReceivingResponse)
        {
            request.State = Wait(request);
        }
        catch (SocketException)
        {
            request.Client.Dispose();
            request.State = State.Ended;
        }
    }

    private State ReceiveRequest(Request request)
    {
        if (!request.Asked.Add(_piece.AsSpan(0, request.Client.Receive(_piece))))
        {
            return State.ReceivingRequest;
        }

        if (request.Asked.Path is not { } path)
        {
            request.Client.Dispose();
            return State.Ended;
        }

        request.Url = setting.UrlFor(path);
        return Connect(request);
    }

    private State Connect(Request request)
    {
        request.Upstream = new Socket(SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            request.Upstream.Connect(Http.EndPoint(request.Url!));
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.WouldBlock)
        {
            // Under way; the socket is writable when it is connected, or when it can't be.
        }
        catch (SocketException)
        {
            return Wait(request);
        }

        return State.Connecting;
    }

    private static State Ask(Request request)
    {
        request.Upstream!.Send(Http.Question(request.Url!));
        return State.ReceivingResponse;
    }

    private State ReceiveResponse(Request request)
    {
        bool ended = request.Answered.Add(_piece.AsSpan(0, request.Upstream!.Receive(_piece)));
        return ended ? Wait(request) : State.ReceivingResponse;
    }

    private State Wait(Request request)
    {
        request.Upstream!.Dispose();
        request.DueAt = Environment.TickCount64 + (long)setting.Wait.TotalMilliseconds;
        return State.Waiting;
    }

    private State Answer(Request request)
    {
        request.Client.Send(setting.Answer(request.Asked.Path!, request.Answered.Response));
        request.Client.Dispose();
        return State.Ended;
    }

    /// <summary>What the thread of a request kept on its stack.</summary>
    private sealed class Request
    {
        public Request(Socket client)
        {
            Client = client;
            Client.Blocking = false;
        }

        public Socket Client { get; }

        public State State { get; set; }

        public Message Asked { get; } = new();

        public Uri? Url { get; set; }

        public Socket? Upstream { get; set; }

        public Message Answered { get; } = new();

        public long DueAt { get; set; }

        public bool Reads => State is State.ReceivingRequest or State.ReceivingResponse;

        public bool Writes => State is State.Connecting or State.Answering;

        public Socket Socket => State is State.Connecting or State.ReceivingResponse ? Upstream! : Client;
    }
}
