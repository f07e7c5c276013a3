using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Gyre.Drivers.Sockets;

/// <summary>A connection attempt.</summary>
[DebuggerDisplay("connect, ended = {_ended}, cancelled = {_cancelled}")]
internal sealed class SocketsConnect(SocketsDriver driver, IConnectHandler handler) : DriverOperation, ISocketsTarget
{
    private Socket? _socket;
    private SocketsOperation? _operation;
    private SocketError _outcome;
    private bool _cancelled;
    private bool _ended;

    public int Index { get; set; } = -1;

    public bool IsGathered { get; set; }

    public void Start(IPEndPoint endPoint, ConnectOptions options)
    {
        try
        {
            _socket = SocketsSetup.OpenClient(endPoint, options);
            _operation = new SocketsOperation(driver.Queue) { Target = this, RemoteEndPoint = endPoint };
            if (_socket.ConnectAsync(_operation))
            {
                return;
            }

            _outcome = _operation.SocketError;
        }
        catch (SocketException failure)
        {
            // A failure at once is an outcome like any other; the contract delivers it in the next turn.
            _outcome = failure.SocketErrorCode;
        }

        driver.Gather(this);
    }

    public override void Cancel()
    {
        if (!_ended && !_cancelled && !IsGathered)
        {
            // The only way to take an attempt back; it completes with OperationAborted, or with the outcome if that came first.
            _cancelled = true;
            _socket!.Dispose();
        }
    }

    public void Complete(SocketsOperation operation)
    {
        _outcome = _cancelled ? SocketError.OperationAborted : operation.SocketError;
        End();
    }

    public void RunGathered() => End();

    public void Continue()
    {
    }

    public void CloseAtDisposal() => _socket?.Dispose();

    private void End()
    {
        _ended = true;
        driver.Remove(this);
        driver.CountEvent();
        _operation?.Dispose();
        if (_outcome == SocketError.Success)
        {
            handler.OnConnected(driver.AddConnection(_socket!));
            return;
        }

        _socket?.Dispose();
        handler.OnConnectFailed(_outcome);
    }
}
