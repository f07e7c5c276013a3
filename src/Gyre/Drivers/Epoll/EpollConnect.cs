using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gyre.Interop.Linux;

namespace Gyre.Drivers.Epoll;

/// <summary>A connection attempt: over at once, or when epoll reports the socket writable.</summary>
[DebuggerDisplay("connect fd = {_fd}, ended = {_ended}")]
internal sealed class EpollConnect(EpollDriver driver, IConnectHandler handler) : DriverOperation, IEpollTarget
{
    private int _fd = -1;
    private int _errno = Errno.EINPROGRESS;
    private bool _ended;

    public int Slot { get; set; } = -1;

    public uint Generation { get; set; }

    public bool IsGathered { get; set; }

    public unsafe void Start(IPEndPoint endPoint, ConnectOptions options)
    {
        driver.AddTarget(this);
        driver.CountCall();
        int result = SocketSetup.OpenClient(endPoint, options.LocalEndPoint, options.NoDelay, Libc.SOCK_NONBLOCK);
        if (result >= 0)
        {
            _fd = result;
            uint length = SockAddr.Write(endPoint, out SockAddr address);
            driver.CountCall();
            result = Libc.Connect(_fd, &address, length);
        }

        // EINTR leaves the attempt going on, as EINPROGRESS does.
        if (result is -Errno.EINPROGRESS or -Errno.EINTR or 0)
        {
            int registered = driver.Register(this, _fd, EpollDriver.BothDirections);
            result = registered < 0 ? registered : result;
        }

        if (result is not (-Errno.EINPROGRESS or -Errno.EINTR))
        {
            // Known already; the contract delivers it in the next turn.
            _errno = -result;
            driver.Gather(this);
        }
    }

    public override void Cancel()
    {
        if (!_ended && _errno == Errno.EINPROGRESS)
        {
            _errno = Errno.ECANCELED;
            driver.Gather(this);
        }
    }

    public void OnEvents(uint mask)
    {
        // An outcome that waits to be delivered, even a cancel, came first. Without one of these flags there is none yet.
        if (_errno == Errno.EINPROGRESS && (mask & (Libc.EPOLLOUT | Libc.EPOLLERR | Libc.EPOLLHUP)) != 0)
        {
            driver.CountCall();
            _errno = Libc.TakeError(_fd);
            End(mask);
        }
    }

    public void RunGathered()
    {
        if (!_ended)
        {
            End(mask: 0);
        }
    }

    public void Continue()
    {
    }

    public void CloseAtDisposal()
    {
        if (_fd >= 0)
        {
            Libc.Close(_fd);
        }
    }

    private void End(uint mask)
    {
        _ended = true;
        if (_errno == 0)
        {
            handler.OnConnected(driver.Succeed(this, _fd, mask));
            return;
        }

        driver.RemoveTarget(this);
        if (_fd >= 0)
        {
            Libc.Close(_fd);
            driver.CountCall();
        }

        handler.OnConnectFailed(Errno.ToSocketError(_errno));
    }
}
