using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using Gyre.Net;

namespace Gyre.Http.Server;

/// <summary>A connection with something before it: TLS, or a proxy that told whom it speaks for.</summary>
/// <param name="tcp">The connection.</param>
/// <param name="inner">What is read and written: the connection itself, or TLS over it.</param>
[DebuggerDisplay("{Tcp}, secure = {IsSecure}, source = {Source}")]
internal sealed class WrappedPipe(TcpConnection tcp, IDuplexPipe inner) : IDuplexPipe, IAsyncDisposable
{
    public TcpConnection Tcp { get; } = tcp;

    public PipeReader Input { get; } = inner.Input;

    public PipeWriter Output { get; } = inner.Output;

    /// <summary>Whom a PROXY protocol header named as the client.</summary>
    public IPEndPoint? Source { get; init; }

    public bool IsSecure => Inner != Tcp;

    /// <summary>What stands before the connection.</summary>
    public IDuplexPipe Inner { get; } = inner;

    public ValueTask DisposeAsync() => ((IAsyncDisposable)Inner).DisposeAsync();
}
