using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Gyre.Simulation;

/// <summary>One end of a stream: what the system keeps for a connection, whoever drives it. It moves between drivers as it is.</summary>
[DebuggerDisplay("{Local} ← {Remote}, {_count} bytes, fin = {HasEnded}, reset = {IsReset}")]
internal sealed class SimulatedSocket(int capacity, IPEndPoint local, IPEndPoint remote)
{
    private byte[] _bytes = [];
    private int _first;
    private int _count;

    public IPEndPoint Local { get; } = local;

    public IPEndPoint Remote { get; } = remote;

    public SimulatedSocket Peer { get; set; } = null!;

    /// <summary>Told when something changes here; null while nobody drives this end.</summary>
    public SimulatedConnection? Owner { get; set; }

    /// <summary>Whether the peer has ended its sending side; unread bytes come before the end.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether the connection was reset; unread bytes come before the error.</summary>
    public bool IsReset { get; private set; }

    public bool IsClosed { get; private set; }

    /// <summary>Bytes that arrived and weren't read yet.</summary>
    public int Unread => _count;

    /// <summary>Whether a write would do something: take bytes, or fail.</summary>
    public bool IsWritable => IsReset || Peer.IsClosed || Peer._count < capacity;

    private bool HasEndedOutput => Peer.HasEnded;

    /// <summary>Takes what fits off the front of <paramref name="data"/>.</summary>
    public SocketError Write(ref ReadOnlySequence<byte> data)
    {
        if (HasEndedOutput && !Peer.IsClosed)
        {
            return SocketError.Shutdown;
        }

        if (IsReset || Peer.IsClosed)
        {
            // Bytes for an end that is closed are answered by a reset.
            IsReset = true;
            return SocketError.ConnectionReset;
        }

        int count = (int)Math.Min(data.Length, capacity - Peer._count);
        if (count > 0)
        {
            Peer.Append(data.Slice(0, count));
            data = data.Slice(count);
            Peer.Owner?.Changed();
        }

        return SocketError.Success;
    }

    /// <summary>Takes the oldest unread bytes; as many as <paramref name="destination"/> holds must be there.</summary>
    public void Read(Span<byte> destination)
    {
        int whole = Math.Min(destination.Length, _bytes.Length - _first);
        _bytes.AsSpan(_first, whole).CopyTo(destination);
        _bytes.AsSpan(0, destination.Length - whole).CopyTo(destination[whole..]);
        _first = (_first + destination.Length) % _bytes.Length;
        _count -= destination.Length;
        if (_count == 0)
        {
            _bytes = [];
            _first = 0;
        }

        Peer.Owner?.Changed();
    }

    /// <summary>Ends the own sending side.</summary>
    public void EndOutput()
    {
        if (!IsReset && !Peer.IsClosed)
        {
            Peer.HasEnded = true;
            Peer.Owner?.Changed();
        }
    }

    /// <summary>Closes this end; as TCP has it, closing with bytes unread is a reset, too.</summary>
    public void Close(bool abort)
    {
        if (IsClosed)
        {
            return;
        }

        IsClosed = true;
        Owner = null;
        bool reset = abort || _count > 0;
        _bytes = [];
        _count = 0;
        if (Peer.IsClosed)
        {
            return;
        }

        Peer.IsReset |= reset;
        Peer.HasEnded = true;
        Peer.Owner?.Changed();
    }

    private void Append(in ReadOnlySequence<byte> data)
    {
        if (_bytes.Length == 0)
        {
            _bytes = new byte[capacity];
        }

        foreach (ReadOnlyMemory<byte> piece in data)
        {
            int start = (_first + _count) % capacity;
            int whole = Math.Min(piece.Length, capacity - start);
            piece.Span[..whole].CopyTo(_bytes.AsSpan(start));
            piece.Span[whole..].CopyTo(_bytes);
            _count += piece.Length;
        }
    }
}
