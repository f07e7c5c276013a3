using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gyre.Interop.Linux;

namespace Gyre.Drivers.IoUring;

/// <summary>A connection attempt in the ring.</summary>
[DebuggerDisplay("connect fd = {_fd}")]
internal sealed unsafe class IoUringConnect(IoUringDriver driver, IConnectHandler handler) : DriverOperation, IIoUringTarget
{
    private int _fd = -1;
    private SockAddr* _address;
    private bool _ended;

    public int Slot { get; set; } = -1;

    public uint Generation { get; set; }

    public void Start(IPEndPoint endPoint, ConnectOptions options)
    {
        driver.AddTarget(this);
        driver.CountCall();
        _fd = SocketSetup.OpenClient(endPoint, options.LocalEndPoint, options.NoDelay, flags: 0);
        SubmissionEntry entry;
        if (_fd < 0)
        {
            // The contract delivers outcomes in a turn only; a no-op carries this one there.
            entry = new SubmissionEntry { Opcode = IoUringAbi.OpNop };
        }
        else
        {
            _address = (SockAddr*)NativeMemory.Alloc((nuint)sizeof(SockAddr));
            uint length = SockAddr.Write(endPoint, out *_address);
            entry = new SubmissionEntry { Opcode = IoUringAbi.OpConnect, Fd = _fd, Address = (ulong)_address, Offset = length };
        }

        driver.Push(this, OperationKind.Connect, ref entry);
    }

    public override void Cancel()
    {
        if (!_ended)
        {
            driver.Cancel(this, OperationKind.Connect);
        }
    }

    public void Complete(OperationKind kind, int result, uint flags, bool last)
    {
        _ended = true;
        driver.RemoveTarget(this);
        NativeMemory.Free(_address);
        _address = null;
        if (_fd < 0)
        {
            handler.OnConnectFailed(Errno.ToSocketError(-_fd));
        }
        else if (result < 0)
        {
            Libc.Close(_fd);
            driver.CountCall();
            handler.OnConnectFailed(Errno.ToSocketError(-result));
        }
        else
        {
            handler.OnConnected(new IoUringConnection(driver, _fd));
        }
    }

    public void CloseAtDisposal()
    {
        NativeMemory.Free(_address);
        if (_fd >= 0)
        {
            Libc.Close(_fd);
        }
    }
}
