using System.Buffers;
using System.Net.Sockets;
using Gyre.Drivers;
using Microsoft.Win32.SafeHandles;

namespace Gyre.Conformance.Probes;

/// <summary>One end of a connection: counts and checks what arrives, and knows which events may come now.</summary>
internal sealed class ConnectionProbe : IConnectionHandler
{
    private readonly Rig _rig;
    private readonly List<ReceivedBuffer> _held = [];
    private long _left;
    private int _piece;

    public ConnectionProbe(Rig rig, DriverConnection connection)
    {
        _rig = rig;
        Connection = connection;
        connection.Attach(this);
        rig.Adopt(this);
    }

    public DriverConnection Connection { get; }

    /// <summary>The stream that this end sends; the next piece begins at <see cref="Sent"/>.</summary>
    public int OutSeed { get; private set; } = -1;

    /// <summary>The stream that this end must receive; -1 when anything may come.</summary>
    public int InSeed { get; private set; } = -1;

    public long Sent { get; private set; }

    public long Received { get; private set; }

    public int ReceivedEvents { get; private set; }

    public bool IsReceiving { get; private set; }

    public bool IsSending { get; private set; }

    public bool IsClosing { get; private set; }

    public bool IsClosed { get; private set; }

    public ReceiveEnd? End { get; private set; }

    public SocketError EndError { get; private set; }

    public int Stops { get; private set; }

    public SocketError? SendError { get; private set; }

    /// <summary>Keeps buffers that aren't scarce until <see cref="ReturnHeld"/>.</summary>
    public bool Holds { get; set; }

    /// <summary>Sends as one who doesn't wait for the end.</summary>
    public bool IsQuiet { get; set; }

    public int ScarceSeen { get; private set; }

    public int HeldCount => _held.Count;

    /// <summary>Bytes that the last receive event brought.</summary>
    public byte[] Last { get; private set; } = [];

    public Action<ConnectionProbe>? WhenReceived { get; set; }

    public Action<ConnectionProbe>? WhenReceiveEnded { get; set; }

    public Action<ConnectionProbe>? WhenSent { get; set; }

    public Action<ConnectionProbe>? WhenClosed { get; set; }

    public void Speaks(int seed, int hears)
    {
        OutSeed = seed;
        InSeed = hears;
    }

    public void StartReceive()
    {
        IsReceiving = true;
        End = null;
        Connection.StartReceive();
    }

    public void StopReceive() => Connection.StopReceive();

    /// <summary>Sends exactly this.</summary>
    public void Send(in ReadOnlySequence<byte> data)
    {
        IsSending = true;
        SendError = null;
        if (IsQuiet)
        {
            Connection.StartQuietSend(data);
        }
        else
        {
            Connection.StartSend(data);
        }
    }

    /// <summary>Sends a piece of a file, which holds the next bytes of the own stream there.</summary>
    public void SendFile(SafeFileHandle file, long offset, long count)
    {
        IsSending = true;
        SendError = null;
        Sent += count;
        Connection.StartSendFile(file, offset, count);
    }

    /// <summary>Sends the next <paramref name="count"/> bytes of the own stream as one behind which more follows.</summary>
    public void SendWithMore(int count)
    {
        ReadOnlySequence<byte> data = Pattern.Of(OutSeed, Sent, count);
        IsSending = true;
        SendError = null;
        Sent += count;
        Connection.StartSendWithMore(data);
    }

    /// <summary>Sends the next <paramref name="total"/> bytes of the own stream, <paramref name="piece"/> at a time.</summary>
    public void Stream(long total, int piece)
    {
        _left = total;
        _piece = piece;
        SendNext();
    }

    public void Close(bool abort)
    {
        if (!IsClosing)
        {
            IsClosing = true;
            Connection.Close(abort);
        }
    }

    public void ReturnHeld()
    {
        foreach (ReceivedBuffer buffer in _held)
        {
            buffer.Return();
        }

        _held.Clear();
    }

    void IConnectionHandler.OnReceived(in ReceivedBuffer buffer)
    {
        Called("OnReceived");
        Require(IsReceiving, "OnReceived came while nothing was being received");
        Require(buffer.Length > 0, "OnReceived brought no bytes");
        Require(
            InSeed < 0 || Pattern.Matches(InSeed, Received, buffer.Span),
            $"the {buffer.Length} bytes received at {Received} aren't those that were sent");
        ReceivedEvents++;
        Received += buffer.Length;
        Last = buffer.Span.ToArray();
        ScarceSeen += buffer.IsScarce ? 1 : 0;
        if (Holds && !buffer.IsScarce)
        {
            _held.Add(buffer);
        }
        else
        {
            buffer.Return();
        }

        WhenReceived?.Invoke(this);
    }

    void IConnectionHandler.OnReceiveEnded(ReceiveEnd end, SocketError error)
    {
        Called("OnReceiveEnded");
        Require(IsReceiving, "OnReceiveEnded came while nothing was being received");
        Require(end == ReceiveEnd.Failed == (error != SocketError.Success), $"receiving ended with {end} and the error {error}");
        IsReceiving = false;
        End = end;
        EndError = error;
        Stops += end == ReceiveEnd.Stopped ? 1 : 0;
        WhenReceiveEnded?.Invoke(this);
    }

    void IConnectionHandler.OnSent(SocketError error)
    {
        Called("OnSent");
        Require(IsSending, "OnSent came while nothing was being sent");
        IsSending = false;
        SendError = error;
        if (error == SocketError.Success && !IsClosing)
        {
            SendNext();
        }

        WhenSent?.Invoke(this);
    }

    void IConnectionHandler.OnClosed()
    {
        _rig.OnHandlerCalled("OnClosed");
        Require(IsClosing, "OnClosed came although nobody closed");
        Require(!IsClosed, "OnClosed came twice");
        IsClosed = true;
        IsReceiving = false;
        IsSending = false;
        WhenClosed?.Invoke(this);
    }

    private void SendNext()
    {
        if (_left > 0)
        {
            long count = Math.Min(_left, _piece);
            ReadOnlySequence<byte> data = Pattern.Of(OutSeed, Sent, count);
            _left -= count;
            Sent += count;
            Send(data);
        }
    }

    private void Called(string handler)
    {
        _rig.OnHandlerCalled(handler);
        Require(!IsClosed, $"{handler} came after OnClosed");
        Require(!IsClosing, $"{handler} came after Close");
    }

    private void Require(bool holds, string breach)
    {
        if (!holds)
        {
            _rig.Breach(breach);
        }
    }
}
