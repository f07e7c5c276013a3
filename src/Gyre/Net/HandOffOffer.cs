using System.Net.Sockets;
using System.Text;
using Gyre.Drivers;
using Gyre.Interop.Linux;

namespace Gyre.Net;

/// <summary>The old process's side of a hand-off: one process after the other is served, until one of them is ready.</summary>
internal sealed class HandOffOffer(
    UnixDomainSocketEndPoint path, IReadOnlyList<ListenerHandle> listeners, ListenerHandOffOptions options, Func<uint, bool> trusts)
{
    /// <summary>The process that took over.</summary>
    public async Task<int> RunAsync(CancellationToken token)
    {
        using Socket door = HandOffSocket.Listen(path);
        while (true)
        {
            using Socket peer = await door.AcceptAsync(token);
            (int process, uint user) = HandOffSocket.PeerOf(peer);
            Exception? refusal = trusts(user)
                ? await ServeAsync(peer, process, token)
                : new UnauthorizedAccessException($"Process {process} of user {user} wants the listeners of a process of user {Libc.EffectiveUser()}.");
            if (refusal is null)
            {
                // The path is free before the new process hears that it's over, so that it can offer there at once.
                door.Dispose();
                HandOffSocket.TrySend(peer, HandOffMessage.Over);
                return process;
            }

            HandOffSocket.TrySend(peer, HandOffMessage.Refusal(refusal.Message));
            options.OnRefused?.Invoke(refusal);
        }
    }

    /// <summary>Why the process didn't take over; null when it is ready.</summary>
    private async Task<Exception?> ServeAsync(Socket peer, int process, CancellationToken token)
    {
        if (SendOffer(peer) is var error and < 0)
        {
            return new IOException($"The listeners can't be sent to process {process}: {Errno.ToSocketError(-error)} (errno {-error}).");
        }

        byte[]? answer = null;
        await CancelScope.MoveOnAfterAsync(
            options.ReadyTimeout, async scope => answer = await HandOffSocket.ReceiveAsync(peer, scope.Token));
        token.ThrowIfCancellationRequested();
        return answer switch
        {
            null => new TimeoutException($"Process {process} wasn't ready within {options.ReadyTimeout}."),
            [] => new IOException($"Process {process} ended, or gave the listeners up, before it was ready."),
            _ when HandOffMessage.Ready.SequenceEqual(answer) => null,
            _ => new InvalidDataException(
                $"Process {process} answered '{Encoding.UTF8.GetString(answer)}'; " +
                $"this version of Gyre understands '{Encoding.UTF8.GetString(HandOffMessage.Ready)}'."),
        };
    }

    private int SendOffer(Socket peer)
    {
        int result = 0;
        for (int sent = 0; sent < listeners.Count && result >= 0; sent += DescriptorMessage.DescriptorsMax)
        {
            ListenerHandle[] part = [.. listeners.Skip(sent).Take(DescriptorMessage.DescriptorsMax)];
            int[] descriptors = [.. part.Select(static listener => (int)listener.DangerousGetHandle())];
            bool isLast = sent + part.Length == listeners.Count;
            result = DescriptorMessage.Send((int)peer.Handle, HandOffMessage.Offer(part, isLast), descriptors);
        }

        // A handle that was disposed meanwhile would be sent as whatever has its number now.
        foreach (ListenerHandle listener in listeners)
        {
            ObjectDisposedException.ThrowIf(listener.IsClosed, listener);
        }

        return result;
    }
}
