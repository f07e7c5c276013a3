using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gyre.Diagnostics;
using Gyre.Drivers;
using Gyre.LowLevel;

namespace Gyre.Net;

/// <summary>One wait for the readiness of a descriptor.</summary>
internal sealed class ReadinessWait : IReadinessHandler
{
    private readonly EventLoop _loop;
    private readonly SafeHandle _handle;
    private readonly Wait<bool> _wait;
    private DriverOperation? _operation;

    public ReadinessWait(EventLoop loop, SafeHandle handle)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(handle);
        _loop = loop;
        _handle = handle;
        _wait = new Wait<bool>(loop, _ => _operation?.Cancel());
    }

    public ValueTask StartAsync(ReadinessKind kind, CancellationToken token)
    {
        _loop.VerifyAccess(_loop);
        if (WaitSource.CancellationOf(_loop, token) is { } cancellation)
        {
            return ValueTask.FromException(cancellation);
        }

        _operation = _loop.Driver.StartWaitReady(_handle, kind, this);
        return _wait.ParkWithoutValueAsync(WaitKind.Readiness, _handle, token);
    }

    /// <summary>Readiness is a hint that is still there afterwards, so one that comes after a cancellation is not lost.</summary>
    public void OnReady(SocketError error)
    {
        if (error == SocketError.Success)
        {
            _wait.TryWake(true);
        }
        else
        {
            _wait.TryWakeFailed(new SocketException((int)error, $"Can't wait for the readiness of {_handle}: {error}."));
        }
    }
}
