using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Gyre.Drivers.Sockets;

/// <summary>A listening socket with one accept at a time under way.</summary>
/// <remarks>
/// The BCL can't take an accept back, so a stop leaves it under way: a connection that it yet brings waits here for the
/// next start, as it would have waited in the system's queue.
/// </remarks>
[DebuggerDisplay("listener {LocalEndPoint}, accepting = {_accepting}, under way = {_underWay}")]
internal sealed class SocketsListener : DriverListener, ISocketsTarget
{
    /// <summary>Connections accepted in one go before the others get their turn.</summary>
    private const int AcceptsMax = 64;

    private readonly SocketsDriver _driver;
    private readonly Socket _socket;
    private readonly SocketsOperation _operation;
    private readonly bool _noDelay;
    private IAcceptHandler? _handler;
    private bool _accepting;
    private bool _stopping;
    private bool _underWay;
    private bool _outcomeWaits;
    private bool _unfinished;
    private bool _closing;

    public SocketsListener(SocketsDriver driver, Socket socket, bool noDelay)
    {
        _driver = driver;
        _socket = socket;
        _noDelay = noDelay;
        _operation = new SocketsOperation(driver.Queue) { Target = this };
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
    }

    public override IPEndPoint LocalEndPoint { get; }

    public int Index { get; set; } = -1;

    public bool IsGathered { get; set; }

    private bool WantsConnections => _accepting && !_stopping && !_closing;

    public override void StartAccept(IAcceptHandler handler)
    {
        Debug.Assert(!_accepting && !_closing, "The listener accepts already, or is closed.");
        _handler = handler;
        _accepting = true;
        if (!_underWay)
        {
            AcceptLater();
        }
    }

    public override void StopAccept()
    {
        if (WantsConnections)
        {
            _stopping = true;
            _driver.Gather(this);
        }
    }

    public override void Close()
    {
        if (!_closing)
        {
            _closing = true;
            _driver.Gather(this);
        }
    }

    public void CloseAtDisposal()
    {
        _socket.Dispose();
        _operation.AcceptSocket?.Dispose();
    }

    public void Complete(SocketsOperation operation)
    {
        _underWay = false;
        _outcomeWaits = true;
        if (_closing)
        {
            FinishClose();
        }
        else if (WantsConnections && !_unfinished)
        {
            Accept();
        }
    }

    public void RunGathered()
    {
        if (_closing)
        {
            _socket.Dispose();
            if (!_underWay)
            {
                FinishClose();
            }
        }
        else if (_stopping)
        {
            End(SocketError.OperationAborted);
        }
    }

    public void Continue()
    {
        _unfinished = false;
        if (WantsConnections && !_underWay)
        {
            Accept();
        }
    }

    private void Accept()
    {
        for (int i = 0; i < AcceptsMax; i++)
        {
            if (!_outcomeWaits && _socket.AcceptAsync(_operation))
            {
                _underWay = true;
                return;
            }

            TakeOutcome();
            if (!WantsConnections)
            {
                return;
            }
        }

        AcceptLater();
    }

    private void TakeOutcome()
    {
        _outcomeWaits = false;
        Socket? accepted = _operation.AcceptSocket;
        _operation.AcceptSocket = null;
        switch (_operation.SocketError)
        {
            case SocketError.Success:
                Prepare(accepted!);
                _driver.CountEvent();
                _handler!.OnAccepted(_driver.AddConnection(accepted!));
                break;
            case SocketError.ConnectionAborted or SocketError.ConnectionReset:
                // A peer that gave up in the queue; on to the next.
                break;
            default:
                End(_operation.SocketError);
                break;
        }
    }

    private void Prepare(Socket accepted)
    {
        try
        {
            accepted.Blocking = false;
            if (!OperatingSystem.IsLinux())
            {
                // Linux hands the listener's setting down to what it accepts; the others are not relied upon.
                accepted.NoDelay = _noDelay;
            }
        }
        catch (SocketException)
        {
            // Some systems refuse options of a connection that the peer has reset already; the first receive reports it.
        }
    }

    private void AcceptLater()
    {
        if (!_unfinished)
        {
            _unfinished = true;
            _driver.ContinueLater(this);
        }
    }

    private void End(SocketError reason)
    {
        _accepting = false;
        _stopping = false;
        _driver.CountEvent();
        _handler!.OnAcceptEnded(reason);
    }

    private void FinishClose()
    {
        _operation.AcceptSocket?.Dispose();
        _operation.Dispose();
        _driver.Remove(this);
        _driver.CountEvent();
        _handler?.OnListenerClosed();
    }
}
