using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gyre.Interop;
using Gyre.Interop.Linux;

namespace Gyre.Drivers.Epoll;

/// <summary>A listening socket, registered once and edge-triggered: a pause or exhaustion costs no call, and can't spin.</summary>
[DebuggerDisplay("listener fd = {_fd}, accepting = {_accepting}, acceptable = {_acceptable}")]
internal sealed class EpollListener : DriverListener, IEpollTarget
{
    /// <summary>Connections accepted in one go before the other descriptors get their turn.</summary>
    private const int AcceptsMax = 64;

    private readonly EpollDriver _driver;
    private readonly int _fd;
    private IAcceptHandler? _handler;
    private bool _acceptable;
    private bool _accepting;
    private bool _stopping;
    private bool _unfinished;
    private bool _isShared;
    private bool _closing;

    private EpollListener(EpollDriver driver, int fd)
    {
        _driver = driver;
        _fd = fd;
        LocalEndPoint = SocketSetup.LocalEndPoint(fd)!;
        driver.AddTarget(this);
    }

    public override IPEndPoint LocalEndPoint { get; }

    public int Slot { get; set; } = -1;

    public uint Generation { get; set; }

    public bool IsGathered { get; set; }

    private bool WantsConnections => _accepting && !_stopping && !_closing;

    /// <summary>Watches a listening descriptor.</summary>
    /// <exception cref="SocketException">The epoll set has no room for it; it is closed then.</exception>
    public static EpollListener Register(EpollDriver driver, int fd)
    {
        try
        {
            return Watch(driver, fd);
        }
        catch
        {
            Libc.Close(fd);
            throw;
        }
    }

    /// <summary>Watches the socket of a handle, whose descriptor is taken over.</summary>
    /// <exception cref="SocketException">The epoll set has no room for it; the handle is as it was.</exception>
    public static EpollListener Adopt(EpollDriver driver, ListenerHandle handle)
    {
        EpollListener listener = Watch(driver, (int)handle.DangerousGetHandle());
        listener._isShared = true;
        handle.Release();
        return listener;
    }

    public override ListenerHandle DuplicateHandle(string name)
    {
        var handle = new ListenerHandle(SocketSetup.Duplicate(_fd, LocalEndPoint), name);
        _isShared = true;
        return handle;
    }

    public override void StartAccept(IAcceptHandler handler)
    {
        Debug.Assert(!_accepting && !_closing, "The listener accepts already, or is closed.");
        _handler = handler;
        _accepting = true;
        if (_acceptable)
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

    public void CloseAtDisposal() => Libc.Close(_fd);

    public void OnEvents(uint mask)
    {
        _acceptable = true;
        if (WantsConnections && !_unfinished)
        {
            Accept();
        }
    }

    public void RunGathered()
    {
        if (_closing)
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
        if (WantsConnections)
        {
            Accept();
        }
    }

    private static EpollListener Watch(EpollDriver driver, int fd)
    {
        var listener = new EpollListener(driver, fd);
        int error = driver.Register(listener, fd, Libc.EPOLLIN | Libc.EPOLLET);
        if (error == 0)
        {
            return listener;
        }

        driver.RemoveTarget(listener);
        throw ListenErrors.Create(Errno.ToSocketError(-error), "watch", listener.LocalEndPoint);
    }

    private void Accept()
    {
        if (_isShared)
        {
            // Whoever shares the socket may have made it blocking again, and what woke us may be taken by now: accept would wait.
            Libc.SetNonBlocking(_fd, on: true);
            _driver.CountCall();
        }

        for (int i = 0; i < AcceptsMax; i++)
        {
            int result = Libc.Accept(_fd, Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC);
            _driver.CountCall();
            if (result == -Errno.EAGAIN)
            {
                _acceptable = false;
                return;
            }

            if (result >= 0)
            {
                _handler!.OnAccepted(_driver.AddConnection(result));
            }
            else if (Errno.IsExhaustion(-result) || -result is Errno.EBADF or Errno.EINVAL or Errno.EOPNOTSUPP)
            {
                End(Errno.ToSocketError(-result));
            }

            // Any other failure is of a peer that gave up in the queue (ECONNABORTED, or a network error): on to the next.
            if (!WantsConnections)
            {
                return;
            }
        }

        AcceptLater();
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
        _handler!.OnAcceptEnded(reason);
    }

    private void FinishClose()
    {
        // A child process may hold the socket for a moment; taken out of the set, it reports nothing here any more.
        _driver.Unregister(_fd);
        Libc.Close(_fd);
        _driver.CountCall();
        _driver.RemoveTarget(this);
        _handler?.OnListenerClosed();
    }
}
