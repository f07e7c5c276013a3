using System.Diagnostics;
using System.Net.Sockets;

namespace Gyre.Drivers.Sockets;

/// <summary>An operation under way in the BCL. It completes on a thread of the pool, and there does nothing but enter the queue.</summary>
[DebuggerDisplay("{LastOperation}: {SocketError}, {BytesTransferred} bytes")]
internal sealed class SocketsOperation(CompletionQueue completions) : SocketAsyncEventArgs(unsafeSuppressExecutionContextFlow: true)
{
    /// <summary>Whose operation it is. Set and cleared on the loop's thread, never while under way.</summary>
    public ISocketsTarget? Target { get; set; }

    /// <summary>The next in the queue of completions, which alone uses it.</summary>
    public SocketsOperation? Next { get; set; }

    protected override void OnCompleted(SocketAsyncEventArgs e) => completions.Push(this);
}
