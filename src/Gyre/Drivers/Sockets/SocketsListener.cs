using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Gyre.Interop.Linux;

namespace Gyre.Drivers.Sockets;

/// <summary>A listening socket with one accept at a time under way.</summary>
/// <remarks>
/// A stop, and a close, first take the accept back, and go on when it has ended, with a connection or without. For another
/// process may share the socket: an accept that is left under way would take a connection that nobody answers, and the BCL
/// closes a socket with an operation under way abortively, by options that hold for everybody who shares it.
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
    private readonly Action _pushCompletion;
    private ConfiguredValueTaskAwaitable<Socket>.ConfiguredValueTaskAwaiter _underWayAccept;
    private CancellationTokenSource? _takeBack;
    private IAcceptHandler? _handler;
    private bool _accepting;
    private bool _stopping;
    private bool _underWay;
    private bool _unfinished;
    private bool _closing;

    public SocketsListener(SocketsDriver driver, Socket socket, bool noDelay)
    {
        _driver = driver;
        _socket = socket;
        _noDelay = noDelay;
        _operation = new SocketsOperation(driver.Queue) { Target = this };
        _pushCompletion = () => driver.Queue.Push(_operation);
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
        AcceptLater();
    }

    public override void StopAccept()
    {
        if (WantsConnections)
        {
            _stopping = true;
            _driver.Gather(this);
        }
    }

    public override ListenerHandle DuplicateHandle(string name)
    {
        NativeCalls.Require("To duplicate a listening socket");
        return new ListenerHandle(SocketSetup.Duplicate((int)_socket.Handle, LocalEndPoint), name);
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
        _takeBack?.Cancel();
        _socket.Dispose();
        _takeBack?.Dispose();
    }

    public void Complete(SocketsOperation operation)
    {
        _underWay = false;
        if (_closing)
        {
            DropOutcome();
            FinishClose();
            return;
        }

        TakeOutcome();
        if (WantsConnections)
        {
            Accept();
        }
        else if (_stopping && !_closing)
        {
            End(SocketError.OperationAborted);
        }
    }

    public void RunGathered()
    {
        if (_underWay)
        {
            _takeBack!.Cancel();
        }
        else if (_closing)
        {
            FinishClose();
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
            if (_takeBack is null || !_takeBack.TryReset())
            {
                _takeBack?.Dispose();
                _takeBack = new CancellationTokenSource();
            }

            _underWayAccept = _socket.AcceptAsync(_takeBack.Token).ConfigureAwait(false).GetAwaiter();
            if (!_underWayAccept.IsCompleted)
            {
                _underWay = true;
                _underWayAccept.UnsafeOnCompleted(_pushCompletion);
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
        SocketError outcome = OutcomeOf(out Socket? accepted);
        switch (outcome)
        {
            case SocketError.Success:
                Prepare(accepted!);
                _driver.CountEvent();
                _handler!.OnAccepted(_driver.AddConnection(accepted!));
                break;
            case SocketError.ConnectionAborted or SocketError.ConnectionReset or SocketError.NetworkDown or SocketError.NetworkUnreachable
                or SocketError.HostDown or SocketError.HostUnreachable or SocketError.TimedOut or SocketError.ProtocolOption:
                // A peer that gave up in the queue, or whose network did (accept(2)); on to the next.
                break;
            case SocketError.OperationAborted when !WantsConnections:
                // The accept was taken back before there was a connection.
                break;
            default:
                End(outcome);
                break;
        }
    }

    private void DropOutcome()
    {
        if (OutcomeOf(out Socket? accepted) == SocketError.Success)
        {
            accepted!.Dispose();
        }
    }

    private SocketError OutcomeOf(out Socket? accepted)
    {
        accepted = null;
        try
        {
            accepted = _underWayAccept.GetResult();
            return SocketError.Success;
        }
        catch (SocketException failure)
        {
            return failure.SocketErrorCode;
        }
        catch (OperationCanceledException)
        {
            return SocketError.OperationAborted;
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
        _socket.Dispose();
        _takeBack?.Dispose();
        _operation.Dispose();
        _driver.Remove(this);
        _driver.CountEvent();
        _handler?.OnListenerClosed();
    }
}
