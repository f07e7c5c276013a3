using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Gyre.Drivers;

namespace Gyre.Tests.Drivers;

/// <summary>A driver turned by hand, and a record of everything that it tells.</summary>
internal sealed class DriverBench(Driver driver) : IAcceptHandler, IConnectHandler, IReadinessHandler, IDisposable
{
    private static readonly IPEndPoint s_anyPort = new(IPAddress.Loopback, 0);

    public Driver Driver { get; } = driver;

    public List<RecordedConnection> Accepted { get; } = [];

    public List<SocketError> AcceptEnds { get; } = [];

    public RecordedConnection? Connected { get; private set; }

    public SocketError? ConnectError { get; private set; }

    public SocketError? ReadyOutcome { get; private set; }

    public DriverListener Listen()
    {
        DriverListener listener = Driver.Listen(s_anyPort, new ListenOptions());
        listener.StartAccept(this);
        return listener;
    }

    public void Connect(EndPoint endPoint) => Driver.StartConnect((IPEndPoint)endPoint, new ConnectOptions(), this);

    /// <summary>A connection of the driver and the plain socket at its other end.</summary>
    public (RecordedConnection Ours, Socket Peer) Accept()
    {
        DriverListener listener = Listen();
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        peer.Connect(listener.LocalEndPoint);
        TurnUntil(() => Accepted.Count == 1, "the peer is accepted");
        return (Accepted[0], peer);
    }

    /// <summary>Far more turns than needed; it only bounds a hang.</summary>
    public void TurnUntil(Func<bool> condition, string what)
    {
        for (int i = 0; !condition(); i++)
        {
            Assert.True(i < 3000, $"Waited in vain until {what}.");
            Driver.Turn(10_000_000);
        }
    }

    /// <summary>Some turns that don't wait, for what must not happen.</summary>
    public int TurnIdly()
    {
        int delivered = 0;
        for (int i = 0; i < 20; i++)
        {
            delivered += Driver.Turn(0);
        }

        return delivered;
    }

    public void Dispose() => Driver.Dispose();

    void IAcceptHandler.OnAccepted(DriverConnection connection) => Accepted.Add(new RecordedConnection(connection));

    void IAcceptHandler.OnAcceptEnded(SocketError reason) => AcceptEnds.Add(reason);

    void IAcceptHandler.OnListenerClosed()
    {
    }

    void IConnectHandler.OnConnected(DriverConnection connection) => Connected = new RecordedConnection(connection);

    void IConnectHandler.OnConnectFailed(SocketError error) => ConnectError = error;

    void IReadinessHandler.OnReady(SocketError error) => ReadyOutcome = error;
}

/// <summary>A connection and what it was told.</summary>
internal sealed class RecordedConnection : IConnectionHandler
{
    public RecordedConnection(DriverConnection connection)
    {
        Connection = connection;
        connection.Attach(this);
    }

    public DriverConnection Connection { get; }

    public List<byte> Received { get; } = [];

    public (ReceiveEnd End, SocketError Error)? ReceiveEnded { get; private set; }

    public List<SocketError> Sent { get; } = [];

    public int Closed { get; private set; }

    /// <summary>Sends pinned bytes, in one segment or in as many as they have.</summary>
    public void Send(int count, bool inPieces = false)
    {
        byte[] bytes = GC.AllocateArray<byte>(count, pinned: true);
        bytes.AsSpan().Fill(7);
        Connection.StartSend(inPieces ? Halves(bytes) : new ReadOnlySequence<byte>(bytes));
    }

    void IConnectionHandler.OnReceived(in ReceivedBuffer buffer)
    {
        Received.AddRange(buffer.Span);
        buffer.Return();
    }

    void IConnectionHandler.OnReceiveEnded(ReceiveEnd end, SocketError error) => ReceiveEnded = (end, error);

    void IConnectionHandler.OnSent(SocketError error) => Sent.Add(error);

    void IConnectionHandler.OnClosed() => Closed++;

    private static ReadOnlySequence<byte> Halves(byte[] bytes)
    {
        var last = new Piece(bytes.AsMemory(bytes.Length / 2), bytes.Length / 2, next: null);
        var first = new Piece(bytes.AsMemory(0, bytes.Length / 2), 0, last);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long position, Piece? next)
        {
            Memory = memory;
            RunningIndex = position;
            Next = next;
        }
    }
}
