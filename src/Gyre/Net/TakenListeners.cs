using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Gyre.Drivers;
using Gyre.Interop.Linux;

namespace Gyre.Net;

/// <summary>Listeners taken from another process, which goes on accepting until it hears that this one is ready.</summary>
/// <remarks>
/// Disposed before <see cref="ReadyAsync"/>, the other process goes on alone. What was adopted by then is its listener's to close.
/// </remarks>
[DebuggerDisplay("{Listeners.Count} listeners of process {OfferingProcess}")]
public sealed class TakenListeners : IDisposable
{
    private readonly Socket _peer;
    private bool _said;

    private TakenListeners(Socket peer, IReadOnlyList<ListenerHandle> listeners)
    {
        _peer = peer;
        Listeners = listeners;
        OfferingProcess = HandOffSocket.PeerOf(peer).Process;
    }

    /// <summary>What was taken, in the order of the offer; each to be adopted (<see cref="TcpListener.Adopt"/>) or disposed.</summary>
    public IReadOnlyList<ListenerHandle> Listeners { get; }

    /// <summary>The number of the process that offered them.</summary>
    public int OfferingProcess { get; }

    /// <summary>
    /// Says that this process serves, upon which the other stops accepting, and waits until it has heard. Once. A checkpoint.
    /// </summary>
    /// <param name="cancellationToken">Ends this wait alone; what was said stays said.</param>
    /// <returns>True when it has heard, and its path is free for an offer; false when it ended or withdrew its offer.</returns>
    /// <exception cref="IOException">It refused, and goes on as before; the message has its reason. This process should give up.</exception>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">It was said already, or the calling code isn't run by a loop.</exception>
    /// <exception cref="ObjectDisposedException">The listeners were given up.</exception>
    public Task<bool> ReadyAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_peer.SafeHandle.IsClosed, this);
        if (_said)
        {
            throw new InvalidOperationException("The other process was told already that this one is ready; that can be said once.");
        }

        _said = true;
        return ListenerHandOff.CancellableAsync(SayReadyAsync, cancellationToken);
    }

    /// <summary>Closes what nobody adopted, and ends the conversation. May be called again. Loop thread.</summary>
    public void Dispose()
    {
        foreach (ListenerHandle listener in Listeners)
        {
            listener.Dispose();
        }

        _peer.Dispose();
    }

    internal static async Task<TakenListeners?> TakeAsync(UnixDomainSocketEndPoint path, Func<uint, bool> trusts, CancellationToken token)
    {
        Socket peer = HandOffSocket.New();
        try
        {
            if (!await TryConnectAsync(peer, path, token))
            {
                peer.Dispose();
                return null;
            }

            (int process, uint user) = HandOffSocket.PeerOf(peer);
            if (!trusts(user))
            {
                throw new UnauthorizedAccessException(
                    $"The listeners at '{path}' are offered by process {process} of user {user}; those of this user, " +
                    $"{Libc.EffectiveUser()}, or root's are taken.");
            }

            return new TakenListeners(peer, await ReceiveOfferAsync(peer, process, token));
        }
        catch
        {
            peer.Dispose();
            throw;
        }
    }

    /// <summary>Takes the offer, part by part, from a connected socket.</summary>
    internal static async Task<List<ListenerHandle>> ReceiveOfferAsync(
        Socket peer, int process, CancellationToken token, int descriptorsMax = DescriptorMessage.DescriptorsMax)
    {
        byte[] text = new byte[HandOffMessage.SizeMax];
        var handles = new List<ListenerHandle>();
        try
        {
            bool isLast = false;
            while (!isLast && await HandOffSocket.WaitAsync(peer, token))
            {
                var descriptors = new List<int>();
                int count = DescriptorMessage.Receive((int)peer.Handle, text, descriptors, out bool isComplete, descriptorsMax);
                if (count > 0)
                {
                    handles.AddRange(Open(text.AsSpan(0, count), descriptors, isComplete, process, out isLast));
                }
            }

            return isLast ? handles : throw new IOException($"Process {process} ended, or withdrew its offer, before it had sent all its listeners.");
        }
        catch
        {
            handles.ForEach(static handle => handle.Dispose());
            throw;
        }
    }

    private static List<ListenerHandle> Open(ReadOnlySpan<byte> text, List<int> descriptors, bool isComplete, int process, out bool isLast)
    {
        if (!isComplete)
        {
            HandOffMessage.CloseAll(descriptors);
            throw new InvalidDataException(
                $"Descriptors or bytes of process {process}'s offer were lost: this process is at its descriptor limit (ulimit -n), or a part of the " +
                $"offer has more than {DescriptorMessage.DescriptorsMax} listeners. The {descriptors.Count} that came with it are closed.");
        }

        if (HandOffMessage.ReasonOf(text) is { } reason)
        {
            HandOffMessage.CloseAll(descriptors);
            throw new IOException($"Process {process} refused: {reason}");
        }

        return HandOffMessage.Open(text, descriptors, out isLast);
    }

    private static async Task<bool> TryConnectAsync(Socket peer, UnixDomainSocketEndPoint path, CancellationToken token)
    {
        if (!File.Exists(path.ToString()))
        {
            return false;
        }

        try
        {
            await peer.ConnectAsync(path, token);
            return true;
        }
        catch (SocketException failure) when (failure.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable)
        {
            // A file that a dead process left behind, or that was removed since the look.
            return false;
        }
    }

    private async Task<bool> SayReadyAsync(CancellationToken token)
    {
        // When the other end is gone, what it said before it went is still to be read: a refusal, or nothing.
        HandOffSocket.TrySend(_peer, HandOffMessage.Ready);
        byte[] answer = await HandOffSocket.ReceiveAsync(_peer, token);
        if (answer.Length == 0)
        {
            return false;
        }

        return HandOffMessage.Over.SequenceEqual(answer)
            ? true
            : throw new IOException(
                $"Process {OfferingProcess} goes on as before: {HandOffMessage.ReasonOf(answer) ?? $"it said '{Encoding.UTF8.GetString(answer)}'"}");
    }
}
