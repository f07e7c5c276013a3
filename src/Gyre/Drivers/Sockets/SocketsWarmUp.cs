using System.Net;
using System.Net.Sockets;

namespace Gyre.Drivers.Sockets;

/// <summary>Makes the BCL load what its sockets need while there are descriptors to load it with.</summary>
/// <remarks>
/// The runtime opens a file to load an assembly. A process at its descriptor limit can't, and a type whose initializer
/// failed for that reason stays broken for good: a first accept at the limit ends in TypeInitializationException, long
/// after descriptors have come free. One connection to ourselves, once per process, walks every path that the driver uses.
/// </remarks>
internal static class SocketsWarmUp
{
    /// <summary>Far more than a connection over loop-back takes; without one the driver does as well as it can.</summary>
    private const int PatienceMilliseconds = 2000;

    private static readonly Lazy<bool> s_done = new(Run);

    public static void Ensure() => _ = s_done.Value;

    private static bool Run()
    {
        // The text of an error comes from an assembly of its own.
        _ = new SocketException((int)SocketError.TooManyOpenSockets).Message;
        try
        {
            using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen(1);
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            using var accept = new Step();
            using var connect = new Step { RemoteEndPoint = listener.LocalEndPoint };
            accept.Expect(listener.AcceptAsync(accept));
            connect.Expect(client.ConnectAsync(connect));
            if (!accept.Wait() || !connect.Wait() || accept.AcceptSocket is not { } accepted)
            {
                return false;
            }

            using (accepted)
            {
                using var receive = new Step();
                using var send = new Step();
                receive.SetBuffer(new byte[1]);
                send.SetBuffer(new byte[1]);
                receive.Expect(client.ReceiveAsync(receive));
                send.Expect(accepted.SendAsync(send));
                return send.Wait() && receive.Wait();
            }
        }
        catch (SocketException)
        {
            // A system without IPv4 loop-back, or without descriptors already: then this is as far as it gets.
            return false;
        }
    }

    /// <summary>An operation that the calling thread waits for.</summary>
    private sealed class Step : SocketAsyncEventArgs
    {
        private readonly ManualResetEventSlim _ended = new();

        public void Expect(bool isUnderWay)
        {
            if (!isUnderWay)
            {
                _ended.Set();
            }
        }

        public bool Wait() => _ended.Wait(PatienceMilliseconds) && SocketError == SocketError.Success;

        protected override void OnCompleted(SocketAsyncEventArgs e) => _ended.Set();
    }
}
