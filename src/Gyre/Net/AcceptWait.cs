using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;
using Gyre.Drivers;
using Gyre.LowLevel;

namespace Gyre.Net;

/// <summary>A listener's wait for the next connection, which is handed to the one who waits directly.</summary>
internal sealed class AcceptWait(TcpListener listener, EventLoop loop)
    : WaitSource(loop), IValueTaskSource<TcpConnection>, IValueTaskSource<DetachedTcpConnection>
{
    private DriverConnection? _connection;

    public ValueTask<TcpConnection> TaskOfConnection => new(this, Version);

    public ValueTask<DetachedTcpConnection> TaskOfDetached => new(this, Version);

    public void Begin(CancellationToken token) => Park(WaitKind.Accept, listener, token);

    /// <summary>False when nobody waits.</summary>
    public bool TryDeliver(DriverConnection connection)
    {
        if (!IsParked)
        {
            return false;
        }

        _connection = connection;
        return Wake(exception: null);
    }

    public void FailIfParked(Exception failure)
    {
        if (IsParked)
        {
            Wake(failure);
        }
    }

    TcpConnection IValueTaskSource<TcpConnection>.GetResult(short token) => new(Loop, Take(token));

    DetachedTcpConnection IValueTaskSource<DetachedTcpConnection>.GetResult(short token) => new(Take(token).Detach());

    ValueTaskSourceStatus IValueTaskSource<TcpConnection>.GetStatus(short token) => StatusOf(token);

    ValueTaskSourceStatus IValueTaskSource<DetachedTcpConnection>.GetStatus(short token) => StatusOf(token);

    void IValueTaskSource<TcpConnection>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        SetContinuation(continuation, state, token, flags);

    void IValueTaskSource<DetachedTcpConnection>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        SetContinuation(continuation, state, token, flags);

    private DriverConnection Take(short token)
    {
        TakeOutcome(token);
        DriverConnection connection = _connection!;
        _connection = null;
        return connection;
    }
}
