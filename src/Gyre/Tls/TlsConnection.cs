using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Gyre.Loop;
using Gyre.Net;
using Gyre.Time;

namespace Gyre.Tls;

/// <summary>TLS over a TCP connection: a pipe of plain text each way, on its loop.</summary>
/// <remarks>
/// <see cref="Input"/> and <see cref="Output"/> are used on the connection's loop; <see cref="AsStream"/> gives a stream that any
/// thread, and so any BCL code, may use. One flow may read and another write at the same time. The end of the input is reported
/// only when the peer has said so (close_notify, RFC 8446, section 6.1); when TCP ends without, reading throws, because somebody
/// in between may have cut what was sent.
/// </remarks>
[DebuggerDisplay("{ToString(),nq}, {Protocol}, closing = {IsClosingHere}")]
public sealed partial class TlsConnection : IDuplexPipe, IAsyncDisposable
{
    private readonly TlsReader _reader;
    private readonly TlsWriter _writer;
    private TlsStream? _stream;
    private LingerTimer? _linger;
    private IOException? _closedReason;
    private string _closedHow = "was closed on this side";

    private TlsConnection(TcpConnection connection)
    {
        Tcp = connection;
        Loop = connection.Loop;
        Ssl = new SslStream(connection.AsStream(), leaveInnerStreamOpen: true);
        _reader = new TlsReader(this);
        _writer = new TlsWriter(this);
    }

    /// <summary>The connection below, for its addresses and options; its bytes are this object's. Any thread.</summary>
    public TcpConnection Tcp { get; }

    /// <summary>The loop that the connection lives on. Any thread.</summary>
    public EventLoop Loop { get; }

    /// <summary>
    /// The plain text that arrives. Its end is the peer's close_notify; a read throws an <see cref="IOException"/> when TCP ends
    /// without one. While a read waits, no buffer is held. Loop thread.
    /// </summary>
    public PipeReader Input => _reader;

    /// <summary>
    /// The plain text to be sent. What is written between two flushes shares TLS records of up to 16 KiB. Completing it sends
    /// close_notify. Loop thread.
    /// </summary>
    public PipeWriter Output => _writer;

    /// <summary>What ALPN (RFC 7301) settled on; default when it settled nothing. Any thread.</summary>
    public SslApplicationProtocol ApplicationProtocol { get; private set; }

    /// <summary>The host that the client asked for (SNI); null for none. On the server's side a stranger's text. Any thread.</summary>
    public string? ServerName { get; private set; }

    /// <summary>TLS 1.2 or 1.3. Any thread.</summary>
    public SslProtocols Protocol { get; private set; }

    /// <summary>The cipher suite. Any thread.</summary>
    public TlsCipherSuite CipherSuite { get; private set; }

    /// <summary>
    /// The peer's certificate; null for a client that has shown none. Belongs to the connection. Any thread.
    /// </summary>
    public X509Certificate2? RemoteCertificate { get; private set; }

    /// <summary>The BCL's own, used on the loop and from the root scope only.</summary>
    internal SslStream Ssl { get; }

    /// <summary>Whether nobody may use the connection any more. What was flushed may still be on its way.</summary>
    internal bool IsDisposed { get; private set; }

    /// <summary>Whether the connection below was told to close.</summary>
    internal bool IsClosed { get; private set; }

    internal bool IsClosingHere => IsDisposed || IsClosed || Tcp.IsClosingHere;

    /// <summary>What whoever still waits for a connection that was closed on this side is told.</summary>
    internal IOException ClosedReason => _closedReason ??= new IOException($"{this} {_closedHow}.");

    /// <summary>
    /// The plain text as a stream that any thread may use: a call from another thread is carried home. In a cooperative thread its
    /// blocking members work too. Disposing it disposes the connection.
    /// </summary>
    public Stream AsStream() => _stream ??= new TlsStream(this, _reader, _writer);

    /// <summary>
    /// Ends the output: what was written is sent, then close_notify, and TCP's sending side is shut down. Reading goes on, until
    /// the peer ends its side too. A checkpoint; waits only while the connection has no room for the rest.
    /// </summary>
    /// <exception cref="IOException">The connection is broken, or was closed on this side.</exception>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled; when it waited already, the end is sent all the same.</exception>
    /// <exception cref="InvalidOperationException">This isn't the connection's loop's thread.</exception>
    public ValueTask ShutdownAsync(CancellationToken cancellationToken = default) => _writer.ShutdownAsync(cancellationToken);

    /// <summary>
    /// Ends the connection at once with a reset and without close_notify; unsent bytes are dropped and waits on it fail. Loop thread.
    /// Not a checkpoint.
    /// </summary>
    /// <exception cref="InvalidOperationException">This isn't the connection's loop's thread.</exception>
    public void Abort()
    {
        Loop.VerifyAccess(this);
        Close(abort: true, "was aborted on this side");
    }

    /// <summary>
    /// Ends the connection. What was flushed and close_notify are still sent, in the background, for at most the
    /// <see cref="TcpConnection.LingerTimeout"/> of <see cref="Tcp"/>; reads and writes that wait fail. Completes at once; not a
    /// checkpoint. Any thread.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        if (Loop.HasAccess)
        {
            DisposeOnLoop();
        }
        else
        {
            // A loop that has ended has closed its connections itself.
            Loop.TryPost(new ReadyItem(static self => ((TlsConnection)self!).DisposeOnLoop(), this, Loop.Root, RestoreContext: false));
        }

        return default;
    }

    /// <inheritdoc/>
    public override string ToString() => $"TLS over {Tcp}";

    /// <summary>The writer has handed everything on.</summary>
    internal void OnWritten()
    {
        if (IsDisposed)
        {
            Close(abort: false, _closedHow);
        }
    }

    internal IOException Truncated() => new(
        $"{this} was truncated: the peer ended the connection without close_notify; what it sent may be cut short.");

    /// <summary>What to tell whoever uses the connection after <paramref name="fault"/> of the SslStream.</summary>
    internal Exception Explain(Exception fault, string doing)
    {
        if (IsClosingHere)
        {
            return ClosedReason;
        }

        if (Tcp.WasEndRead)
        {
            return Truncated();
        }

        // A fault of the connection below names it and says what happened; one of the SslStream does neither.
        return fault is OperationCanceledException or IOException { InnerException: null or System.Net.Sockets.SocketException }
            ? fault
            : new IOException($"{this} broke while {doing}: {Innermost(fault).Message}", fault);
    }

    private static Exception Innermost(Exception fault)
    {
        while (fault.InnerException is { } inner)
        {
            fault = inner;
        }

        return fault;
    }

    private void DisposeOnLoop()
    {
        if (IsDisposed)
        {
            return;
        }

        IsDisposed = true;
        _reader.Complete();
        _writer.Complete();
        if (IsClosed)
        {
            return;
        }

        if (_writer.IsIdle)
        {
            Close(abort: false, _closedHow);
            return;
        }

        if (_writer.IsWaitedFor)
        {
            _writer.FailWaitingFlush(ClosedReason);
        }

        _linger = new LingerTimer(this);
        Loop.AddTimer(_linger, Deadline.After(Loop.Now, Tcp.LingerTimeout));
    }

    private void Close(bool abort, string how)
    {
        if (IsClosed)
        {
            return;
        }

        _closedHow = how;
        if (_reader.IsReadUnderWay || _writer.IsWaitedFor)
        {
            // Made while the addresses can still be asked for.
            _ = ClosedReason;
        }

        IsClosed = true;
        if (_linger is not null)
        {
            Loop.RemoveTimer(_linger);
        }

        if (abort)
        {
            Tcp.Abort();
        }

        // Closes the connection's state, and frees OpenSSL's; a read or write that is under way fails by the end of the one below.
        Ssl.Dispose();
        Tcp.DisposeAsync();
        _reader.OnConnectionClosing();
        _writer.OnConnectionClosed();
    }

    private sealed class LingerTimer(TlsConnection connection) : TimerEntry
    {
        protected internal override void OnDue() => connection.Close(abort: true, "lingered too long");
    }
}
